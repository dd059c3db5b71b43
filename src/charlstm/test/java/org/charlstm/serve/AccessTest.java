package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.Headers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Access to a server that other machines reach; BadRequestsTest asks one of loopback. */
class AccessTest {
    private static final String TOKEN = "a-token-of-many-letters";
    private static final Access GATE = new Access("lab-7.example", true, TOKEN, 8642);

    private static Headers headers(String... pairs) {
        Headers headers = new Headers();
        for (int i = 0; i < pairs.length; i += 2) {
            headers.add(pairs[i], pairs[i + 1]);
        }
        return headers;
    }

    @Test
    void itIsReachedByItsNameAndByAddresses() {
        for (String host : List.of("lab-7.example", "LAB-7.example:8642", "192.0.2.7:8642", "[2001:db8::7]:8642",
                "localhost:9000")) {
            assertDoesNotThrow(() -> GATE.check(headers("Host", host, "Origin", "http://" + host)), host);
        }
        for (String host : List.of("evil.example", "lab-7.example.evil.example", "192.0.2.7.evil.example", "[evil]",
                "lab-7.example:8642:1", "lab-7.example/")) {
            assertEquals(403, assertThrows(Problem.class, () -> GATE.check(headers("Host", host)), host).status());
        }
    }

    /** A link from elsewhere opens a page here; nothing else that another page asks is answered. */
    @Test
    void whoFollowsALinkMayCome() {
        assertDoesNotThrow(() -> GATE.check(headers("Host", "localhost", "Sec-Fetch-Site", "cross-site",
                "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")));
        for (String[] other : new String[][] {{"navigate", "iframe"}, {"no-cors", "document"}, {"cors", "empty"}}) {
            assertEquals(403, assertThrows(Problem.class, () -> GATE.check(headers("Host", "localhost",
                    "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", other[0], "Sec-Fetch-Dest", other[1]))).status());
        }
    }

    @Test
    void theTokenIsSaidInTheHeaderOrTheCookie() {
        for (Headers said : List.of(headers("Authorization", "Bearer " + TOKEN),
                headers("Cookie", "a=b; charlstm-8642=" + TOKEN))) {
            assertDoesNotThrow(() -> GATE.authenticate(said));
        }
        for (Headers said : List.of(headers(), headers("Authorization", TOKEN), headers("Authorization", "Bearer "),
                headers("Cookie", "charlstm-8641=" + TOKEN), headers("Cookie", "charlstm-8642=" + TOKEN + "x"),
                headers("Cookie", "xcharlstm-8642=" + TOKEN))) {
            assertEquals(401, assertThrows(Problem.class, () -> GATE.authenticate(said)).status());
        }
        assertNull(GATE.cookieFor(null));
        assertNull(GATE.cookieFor("token="));
        assertNull(GATE.cookieFor("token=" + TOKEN + "&more"));
        assertNull(new Access("localhost", false, null, 1).cookieFor("token="));
    }
}
