package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import module java.base;
import org.charlstm.Fuzz;
import org.charlstm.SpoiltJson;
import org.charlstm.circle.Sampled;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are not to be answered, and clients that do not listen; FloodTest has them by the thousand. */
@Tag("outside")
@Sampled
class BadRequestsTest {
    private static final String TOKEN = "a-token-of-many-letters";
    private static final String LONG = "{\"max_length\":100000,\"past_end\":true,\"top\":20}";

    @TempDir
    private static Path folder;
    private static Served served;

    @BeforeAll
    static void serve() {
        Served.train(folder.resolve("run"));
        served = new Served(folder, new LocalServer.Settings(null, 0, null, false), 300);
    }

    @AfterAll
    static void close() {
        served.close();
    }

    private static void assertProblem(int status, Served.Answer answer) {
        assertEquals(status, answer.status(), answer.body());
        assertEquals(status, answer.json().get("status").getAsInt());
        String error = answer.json().get("error").getAsString();
        assertFalse(error.isEmpty() || error.contains("Exception") || answer.body().contains("\tat ")
                || error.contains(folder.toString()), answer.body());
    }

    @Test
    void noPathLeadsToAFile() throws Exception {
        for (String path : List.of("/api/runs/../run.json", "/run/run.json", "/index.html", "/api/runs/%2e%2e",
                "/api/runs/run/model.safetensors", "/..%2f..%2fetc/passwd", "//etc/passwd", "/api/", "/api/runs/",
                "/api/runs/nobody", "/api/runs/nobody/events", "/style.css/", "/META-INF/MANIFEST.MF", "/%00",
                "/api/runs/run%00", "/api/runs/" + "a".repeat(5000))) {
            String answer = served.raw(Served.request("GET " + path, "Host: localhost"));
            assertTrue(answer.startsWith("HTTP/1.1 404 ") && answer.contains("{\"error\":"), path + ": " + answer);
        }
    }

    @Test
    void fieldsAreRefusedOneByOne() throws Exception {
        String text = "a".repeat(TextRequests.MAX_GIVEN + 1);
        Map<Integer, List<String>> bodies = Map.of(400,
                List.of("", "{", "[]", "null", "{} {}", "{seed:1}", "{'seed':1}",
                        "{\"seed\":1/**/}", "[".repeat(9000), "{\"temperature\":-1}", "{\"temperature\":\"1\"}",
                        "{\"temperature\":1e999}", "{\"temperature\":[]}", "{\"top_k\":0}", "{\"top_k\":1.5}",
                        "{\"top_k\":1e9}",
                        "{\"top_p\":0}", "{\"top_p\":1.1}", "{\"max_length\":0}", "{\"max_length\":100001}",
                        "{\"seed\":99999999999999999999}", "{\"seed\":\"1\"}", "{\"sentence\":-1}", "{\"past_end\":1}",
                        "{\"prime\":7}", "{\"prime\":\"aaa\",\"max_length\":2}", "{\"temprature\":1}", "{\"top\":21}",
                        "{\"prime\":\"" + text + "\"}"),
                422, List.of("{\"prime\":\"Q\"}"), 404,
                List.of("{\"model\":\"nobody\"}", "{\"model\":\"../run\"}"), 410, List.of("{\"state\":\"none\"}"), 413,
                List.of("{\"prime\":\"" + "a".repeat(Call.MAX_BODY) + "\"}"));
        for (Map.Entry<Integer, List<String>> each : bodies.entrySet()) {
            for (String body : each.getValue()) {
                assertProblem(each.getKey(), served.post("/api/sample", body));
            }
        }
        served.awaitNothing();
    }

    /** Each value of a body in turn is of another type, out of range, no number, null, nested or left out. */
    @Test
    void spoiltValuesAreTheClientsFault() throws Exception {
        Map<String, String> bodies = Map.of("/api/sample", "{\"model\":\"run\",\"prime\":\"a\",\"temperature\":0.5,"
                + "\"top_k\":3,\"top_p\":0.5,\"max_length\":3,\"seed\":7,\"sentence\":2,\"top\":2,"
                + "\"past_end\":false}", "/api/score", "{\"model\":\"run\",\"text\":\"a cat\",\"top\":2}");
        for (Map.Entry<String, String> each : bodies.entrySet()) {
            assertEquals(200, served.post(each.getKey(), each.getValue()).status());
            int refused = 0;
            for (String body : SpoiltJson.of(each.getValue(), Math.max(100, Fuzz.CASES / 6))) {
                Served.Answer answer = served.post(each.getKey(), body);
                if (answer.status() != 200) {
                    refused++;
                    assertTrue(answer.status() < 500, body);
                    assertProblem(answer.status(), answer);
                }
            }
            assertTrue(refused > 50, each.getKey() + ": " + refused);
        }
        served.awaitNothing();
    }

    @Test
    void methodsAndTypesAreRefused() throws Exception {
        assertProblem(405, served.get("/api/sample"));
        assertProblem(405, served.post("/api/runs", "{}"));
        assertProblem(405, served.post("/", "{}"));
        assertProblem(403, served.post("/api/runs/run/stop", "{}"));
        HttpResponse<String> form = served.send(HttpRequest.newBuilder(served.at("/api/top"))
                .header("Content-Type", "text/plain").POST(HttpRequest.BodyPublishers.ofString("{}")));
        assertEquals(415, form.statusCode());
    }

    /** As GET without the body, which would stand before the next answer. */
    @Test
    void aHeadIsAnsweredWithoutABody() throws Exception {
        for (String path : List.of("/", "/api/models", "/api/sample", "/api/runs/run/events")) {
            String answer = served.raw(Served.request("HEAD " + path, "Host: localhost"));
            boolean fits = path.equals("/") || path.equals("/api/models");
            assertTrue(answer.startsWith(fits ? "HTTP/1.1 200 " : "HTTP/1.1 405 ") && answer.endsWith("\r\n\r\n"),
                    path + ": " + answer);
            assertTrue(answer.matches("(?is).*\r\nContent-length: [1-9]\\d+\r\n.*"), answer);
        }
    }

    @Test
    void foreignHostsAndOriginsAreRefused() throws Exception {
        int port = served.at("/").getPort();
        for (String host : List.of("evil.example", "evil.example:" + port, "192.0.2.1", "localhost.evil.example", "",
                "127.0.0.1.evil.example", "localhost\r\nHost: localhost")) {
            String answer = served.raw(Served.request("GET /api/runs", "Host: " + host));
            assertTrue(answer.startsWith("HTTP/1.1 403 "), host + ": " + answer);
        }
        for (String own : List.of("localhost", "LOCALHOST:" + port, "127.0.0.1:" + port, "[::1]:" + port)) {
            String answer = served.raw(
                    Served.request("GET /api/runs", "Host: " + own, "Origin: http://" + own));
            assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.contains("Content-security-policy: default-src "
                    + "'none'"), own + ": " + answer);
        }
        for (String header : List.of("Origin: http://evil.example", "Origin: null", "Origin: https://localhost",
                "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site")) {
            String answer = served.raw(Served.request("GET /api/runs", "Host: localhost", header));
            assertTrue(answer.startsWith("HTTP/1.1 403 "), header + ": " + answer);
        }
    }

    /** Requests that the JDK's server refuses by itself, as docs/serve.md says, and one without a Host header. */
    @Test
    void malformedHttpIsRefused() throws Exception {
        String end = "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        Map<String, String> requests =
                Map.of("GET /% HTTP/1.1" + end, "HTTP/1.1 400 ", "nonsense" + end, "HTTP/1.1 400 ",
                        "POST /api/top HTTP/1.1\r\nTransfer-Encoding: gzip" + end, "HTTP/1.1 501 ",
                        "POST /api/top HTTP/1.1\r\nContent-Length: much" + end, "HTTP/1.1 400 ",
                        "GET /api/runs HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 403 ");
        for (Map.Entry<String, String> each : requests.entrySet()) {
            String answer = served.raw(each.getKey());
            assertTrue(answer.startsWith(each.getValue()), each.getKey() + ": " + answer);
            assertEquals(each.getValue().contains("403"), answer.contains("{\"error\":"), answer);
            assertFalse(answer.contains("\tat "), answer);
        }
    }

    @Test
    void everyPathNeedsTheToken() throws Exception {
        try (Served own = new Served(folder, new LocalServer.Settings(null, 0, TOKEN, false), 300)) {
            assertEquals("/?token=" + TOKEN, own.server().address().replaceFirst("http://[^/]*", ""));
            for (String path : List.of("/", "/main.js", "/api/runs", "/?token=another-token-of-letters", "/nothing")) {
                assertProblem(401, own.get(path));
            }
            HttpResponse<String> wrong = own.send(HttpRequest.newBuilder(own.at("/api/runs"))
                    .header("Authorization", "Bearer " + TOKEN + "x"));
            assertEquals(401, wrong.statusCode());
            HttpResponse<String> bearer = own.send(HttpRequest.newBuilder(own.at("/api/runs"))
                    .header("Authorization", "Bearer " + TOKEN));
            assertEquals(200, bearer.statusCode());
            HttpResponse<String> opened = own.send(HttpRequest.newBuilder(own.at("/?token=" + TOKEN)));
            assertEquals(303, opened.statusCode());
            assertEquals("/", opened.headers().firstValue("Location").orElseThrow());
            String cookie = opened.headers().firstValue("Set-Cookie").orElseThrow();
            assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
            HttpResponse<String> page = own.send(HttpRequest.newBuilder(own.at("/"))
                    .header("Cookie", "other=1; " + cookie.replaceFirst(";.*", "")));
            assertEquals(200, page.statusCode());
        }
    }

    private static Socket asking() throws Exception {
        Socket socket = served.connect();
        socket.getOutputStream().write(("POST /api/sample HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + LONG.length() + "\r\n\r\n" + LONG)
                .getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        assertEquals("HTTP/1.1 200", new String(in.readNBytes(12), StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    void aClientThatGoesAwayEndsItsText() throws Exception {
        asking().close();
        served.awaitNothing();
    }

    @Test
    void aClientThatDoesNotReadIsGivenUp() throws Exception {
        try (Socket _ = asking()) {
            assertTrue(served.server().texts() > 0);
            served.awaitNothing();
        }
    }

    @Test
    void aClientThatDoesNotSendIsGivenUp() throws Exception {
        try (Socket socket = served.connect()) {
            socket.getOutputStream().write(("POST /api/top HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                    + "application/json\r\nContent-Length: 100\r\n\r\n{").getBytes(StandardCharsets.US_ASCII));
            assertEquals(-1, socket.getInputStream().read());
        }
    }
}
