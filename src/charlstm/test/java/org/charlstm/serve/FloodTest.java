package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.lang.management.ManagementFactory;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import module java.base;
import org.charlstm.circle.Circle;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bad requests, hundreds in the first circle and thousands in the second, beside which a good client reads; after them
 * nothing is left of them.
 */
@Tag("long")
@Tag("outside")
@Sampled
class FloodTest {
    private static final int REQUESTS = Circle.first() ? 200 : 1000;
    private static final int CLIENTS = 4;
    private static final int ROUNDS = 12;
    /** Far less than a thousand of anything that a request keeps. */
    private static final long MOST_BYTES = 500_000;
    private static final SamplingOptions LONG = SamplingOptions.DEFAULT.maxLength(2000).pastEnd(true).seed(5);
    private static final String GOOD = post("/api/sample", "{\"max_length\":10}");

    @TempDir
    private static Path folder;
    private static volatile Served served;
    /** Of this server alone: tests that run beside this one may serve, too. */
    private static final ThreadGroup GROUP = new ThreadGroup("flood");

    /** Collects warnings and errors that the server and the JDK's server log. */
    private static final Handler LOG = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()
                    && (entry.getLoggerName() + "").matches("(org\\.charlstm\\.serve|(com\\.)?sun\\.net)\\..*")) {
                LOGGED.add(entry.getLoggerName() + ": " + entry.getMessage() + " " + entry.getThrown());
            }
        }

        @Override
        public void flush() {
            // Nothing is kept back.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    };
    private static final Queue<String> LOGGED = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void serve() throws InterruptedException {
        Logger.getLogger("").addHandler(LOG);
        Served.train(folder.resolve("run"));
        Thread start = new Thread(GROUP, () -> served = new Served(folder.resolve("run")));
        start.start();
        start.join();
        assertEquals(List.of("serve device", "serve timeout"), threads());
    }

    @AfterAll
    static void close() throws InterruptedException {
        served.close();
        for (int i = 0; i < 500 && !threads().isEmpty(); i++) {
            Thread.sleep(10);
        }
        assertEquals(List.of(), threads());
        Logger.getLogger("").removeHandler(LOG);
        assertEquals(List.of(), List.copyOf(LOGGED));
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().filter(each -> each.getThreadGroup() == GROUP)
                .map(Thread::getName).filter(name -> name.startsWith("serve ")).sorted().toList();
    }

    private static String post(String path, String body) {
        return Served.request("POST " + path, "Host: localhost", "Content-Type: application/json",
                "Content-Length: " + body.length()) + body;
    }

    private static String get(String path, String host) {
        return Served.request("GET " + path, "Host: " + host);
    }

    /** A good request of which a few bytes are others, missing or doubled. */
    private static String nonsense(int i) {
        RandomStream random = new RandomStream(i, Purpose.CAPTIONS, 0);
        StringBuilder bytes = new StringBuilder(GOOD);
        for (int change = 0; change <= random.below(4); change++) {
            int at = random.below(bytes.length());
            switch (random.below(3)) {
                case 0 -> bytes.setCharAt(at, (char) random.below(256));
                case 1 -> bytes.delete(at, Math.min(bytes.length(), at + random.below(20)));
                default -> bytes.insert(at, bytes.substring(at, Math.min(bytes.length(), at + random.below(20))));
            }
        }
        return bytes.toString();
    }

    /** A kind of request, and the status of its answer; 0 for any. */
    private record Kind(int status, IntFunction<String> request) {
    }

    private static final List<Kind> KINDS = List.of(
            new Kind(404, i -> get("/..%2f" + i + "/../etc/passwd", "localhost")),
            new Kind(404, i -> get("/api/runs/run" + i + "/model.safetensors", "127.0.0.1")),
            new Kind(404, i -> post("/api/sample", "{\"model\":\"../../run" + i + "\"}")),
            new Kind(413, i -> post("/api/sample", "{\"prime\":\"" + "a".repeat(Call.MAX_BODY + i) + "\"}")),
            new Kind(400, i -> post("/api/score", "{\"text\":\"" + "a".repeat(TextRequests.MAX_GIVEN + 1 + i) + "\"}")),
            new Kind(400, i -> post("/api/top", "{\"k\":" + "[".repeat(i + 1))),
            new Kind(400, i -> post("/api/top", "{\"prefix\":\"a\",\"field" + i + "\":1}")),
            new Kind(410, i -> post("/api/sample", "{\"state\":\"made up " + i + "\"}")),
            new Kind(403, i -> get("/api/runs", "evil" + i + ".example")),
            new Kind(403, i -> get("/api/runs", "localhost\r\nOrigin: http://evil" + i + ".example")),
            new Kind(405, i -> get("/api/sample?" + i, "localhost")),
            new Kind(0, i -> Served.request("HEAD /" + (i % 5 == 0 ? "" : "api/runs"), "Host: localhost")),
            new Kind(0, FloodTest::nonsense));

    private static void ask(int i) throws IOException {
        Kind kind = KINDS.get(i % KINDS.size());
        String answer = served.raw(kind.request.apply(i));
        assertFalse(answer.contains("\tat ") || answer.startsWith("HTTP/1.1 500"), i + " gives " + answer);
        if (kind.status > 0) {
            assertTrue(answer.startsWith("HTTP/1.1 " + kind.status + " "), i + " gives " + answer);
            assertEquals(kind.status, JsonParser.parseString(answer.substring(answer.indexOf("\r\n\r\n")))
                    .getAsJsonObject().get("status").getAsInt());
        }
    }

    private static void flood(ExecutorService clients) throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
            int first = client;
            all.add(clients.submit(() -> {
                for (int i = first; i < REQUESTS; i += CLIENTS) {
                    ask(i);
                }
                return null;
            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
    }

    /** Memory in use after garbage collection. */
    private static long used() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(20);
            least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    private static String text() throws IOException, InterruptedException {
        return served.post("/api/sample", "{\"max_length\":2000,\"past_end\":true,\"seed\":5}").body().lines()
                .map(line -> JsonParser.parseString(line).getAsJsonObject()).filter(line -> line.has("char"))
                .map(line -> line.get("char").getAsString()).collect(Collectors.joining());
    }

    private static String expected() {
        SavedModel saved = ModelFile.load(folder.resolve("run"));
        try (Device device = TestDevices.open("cpu"); Model model = new Model(device, saved.weights())) {
            return new Sampler(model, saved.requireVocabulary(), LONG).sentences(1).getFirst()
                    .replace(Vocabulary.END_SIGN, "<end>").replace(Vocabulary.START_SIGN, "<start>");
        }
    }

    /** More than the JDK's server takes connections, and more than it answers requests at a time. */
    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: lo", "POST /api/top HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"})
    void clientsThatSendHalfARequestKeepNobodyOut(String half) throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 1100; i++) {
                slow.add(served.connect());
                slow.getLast().getOutputStream().write(half.getBytes(StandardCharsets.ISO_8859_1));
            }
            String answer = "";
            // The server may still be taking connections in.
            for (int i = 0; i < 50 && !answer.startsWith("HTTP/1.1 200"); i++) {
                Thread.sleep(50);
                try {
                    answer = served.raw(GOOD);
                } catch (IOException e) {
                    answer = e.toString();
                }
            }
            assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
        } finally {
            for (Socket each : slow) {
                each.close();
            }
        }
        served.awaitNothing();
    }

    @Test
    void badRequestsLeaveNoMemoryAndNoThreadsBehind() throws Exception {
        String expected = expected();
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            // The first round loads classes and models and fills pools.
            flood(clients);
            assertEquals(expected, text());
            List<String> threads = threads();
            Future<Integer> reads = clients.submit(() -> {
                int texts = 0;
                for (; !done.get(); texts++) {
                    assertEquals(expected, text());
                }
                return texts;
            });
            // Other tests in this process may take memory meanwhile, but hardly each time.
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && least > MOST_BYTES; round++) {
                long before = used();
                flood(clients);
                least = Math.min(least, used() - before);
            }
            done.set(true);
            assertTrue(reads.get() > 0);
            served.awaitNothing();
            assertTrue(least <= MOST_BYTES, least + " bytes are left of " + REQUESTS + " requests");
            assertEquals(threads, threads());
            assertEquals(expected, text());
        }
    }
}
