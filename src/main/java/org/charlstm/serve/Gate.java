package org.charlstm.serve;

import com.sun.net.httpserver.Headers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may ask. A page from elsewhere in the same browser may not: a name of its own that it has had lead here shows in
 * {@code Host}, and itself in {@code Origin}. Where the server is reached from other machines, a token is needed too.
 */
final class Gate {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(:\\d{1,5})?");
    /** What no name server gives. */
    private static final Pattern ADDRESS = Pattern.compile("\\[.*]|\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    private final String name;
    private final boolean everywhere;
    private final @Nullable String token;
    private final String cookie;

    /**
     * A gate.
     *
     * @param name       what the server was told to listen on
     * @param everywhere whether other machines reach it
     * @param token      what everybody has to say; null if nothing
     * @param port       the server's, for a browser's cookies are those of all ports
     */
    Gate(String name, boolean everywhere, @Nullable String token, int port) {
        this.name = name.toLowerCase(Locale.ROOT);
        this.everywhere = everywhere;
        this.token = token;
        cookie = "charlstm-" + port;
    }

    /** Refuses a request from another page, or to another name. */
    void check(Headers headers) {
        List<String> hosts = headers.getOrDefault("Host", List.of());
        Matcher host = HOST.matcher(hosts.size() == 1 ? hosts.getFirst() : "");
        if (!host.matches() || !isOwn(host.group(1).toLowerCase(Locale.ROOT))) {
            throw new Problem(403, "this server is not reached by that name; the Host header must be an address or "
                    + "localhost");
        }
        for (String origin : headers.getOrDefault("Origin", List.of())) {
            if (!origin.equalsIgnoreCase("http://" + hosts.getFirst())) {
                throw new Problem(403, "requests of other pages are refused");
            }
        }
        // Who follows a link from elsewhere opens a page here, which that other page cannot read.
        boolean follows = headers.getOrDefault("Sec-Fetch-Mode", List.of()).equals(List.of("navigate"))
                && headers.getOrDefault("Sec-Fetch-Dest", List.of()).equals(List.of("document"));
        if (!follows && headers.getOrDefault("Sec-Fetch-Site", List.of()).stream()
                .anyMatch(site -> !site.equals("same-origin") && !site.equals("none"))) {
            throw new Problem(403, "requests of other pages are refused");
        }
    }

    private boolean isOwn(String host) {
        return LOOPBACK.matcher(host).matches() || host.equals(name)
                || (everywhere && ADDRESS.matcher(host).matches());
    }

    /** Refuses who does not say the token, as a bearer or in the cookie. */
    void authenticate(Headers headers) {
        Stream<String> bearers = headers.getOrDefault("Authorization", List.of()).stream()
                .filter(value -> value.startsWith("Bearer ")).map(value -> value.substring("Bearer ".length()));
        Stream<String> cookies = headers.getOrDefault("Cookie", List.of()).stream()
                .flatMap(value -> Stream.of(value.split("; *", 100)))
                .filter(value -> value.startsWith(cookie + "=")).map(value -> value.substring(cookie.length() + 1));
        if (token != null && Stream.concat(bearers, cookies).noneMatch(this::isToken)) {
            throw new Problem(401, "this server wants its token: open the address that it printed, or send the header "
                    + "Authorization: Bearer TOKEN");
        }
    }

    /** The cookie for a browser that was given the address with the token; null if a query does not have it. */
    @Nullable
    String cookieFor(@Nullable String query) {
        return token != null && query != null && query.startsWith("token=")
                && isToken(query.substring("token=".length()))
                        ? cookie + "=" + token + "; Path=/; HttpOnly; SameSite=Strict" : null;
    }

    /** In a time that tells nothing. */
    private boolean isToken(String said) {
        return token != null && MessageDigest.isEqual(said.getBytes(StandardCharsets.UTF_8),
                token.getBytes(StandardCharsets.UTF_8));
    }
}
