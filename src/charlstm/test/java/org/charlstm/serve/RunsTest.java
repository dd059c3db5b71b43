package org.charlstm.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.io.ModelFile;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs as they are served, from their folders. */
@Tag("outside")
class RunsTest {
    @TempDir
    private static Path folder;
    private static Path runs;

    @BeforeAll
    static void train() {
        runs = folder.resolve("runs");
        Served.train(runs.resolve("first"));
        Served.train(runs.resolve("second"), run -> run, Served.SETUP.epochs(2));
        Served.train(folder.resolve("other/first"));
    }

    @Test
    void runsAreListedWithTheSettingsThatDiffer() throws Exception {
        try (Served served = new Served(runs)) {
            assertEquals("2 runs and 2 models", served.server().served());
            JsonArray table = served.get("/api/runs").json().getAsJsonArray("runs");
            JsonObject first = table.get(0).getAsJsonObject();
            assertEquals("first", first.get("id").getAsString());
            assertEquals("{\"epochs\":3}", first.get("settings").toString());
            assertEquals(3, first.get("epoch").getAsInt());
            assertFalse(first.get("training").getAsBoolean());
            List<String> lines = Files.readAllLines(runs.resolve("first").resolve(RunFolder.METRICS));
            JsonObject last = JsonParser.parseString(lines.getLast()).getAsJsonObject();
            assertEquals(last.get("loss"), first.get("loss"));
            assertEquals(last.get("loss"), first.getAsJsonObject("best").get("loss"));
            assertEquals("cpu", first.get("device").getAsString());
            JsonObject whole = served.get("/api/runs/first").json();
            assertEquals(3, whole.getAsJsonArray("metrics").size());
            assertEquals(1, whole.getAsJsonArray("samples").size());
            JsonObject model = served.get("/api/models").json().getAsJsonArray("models").get(0).getAsJsonObject();
            assertEquals("[8]", model.get("units").toString());
            assertEquals(Served.TEXT.vocabulary().characters(), model.get("characters").getAsString());
        }
    }

    /** Who may write into a run's folder may not read by way of the server what its user may. */
    @Test
    void linksOutOfARunsFolderAreNotFollowed() throws Exception {
        Path outside = Files.writeString(folder.resolve("outside.jsonl"),
                "{\"epoch\":1,\"sentences\":[\"secret\"]}\n");
        Path linking = folder.resolve("linking");
        Served.train(linking);
        Files.delete(linking.resolve(RunFolder.SAMPLES));
        Files.createSymbolicLink(linking.resolve(RunFolder.SAMPLES), outside);
        Files.move(linking.resolve(RunFolder.METRICS), linking.resolve("kept.jsonl"));
        Files.createSymbolicLink(linking.resolve(RunFolder.METRICS), Path.of("kept.jsonl"));
        Files.move(linking.resolve(ModelFile.NAME), folder.resolve("moved.safetensors"));
        Files.createSymbolicLink(linking.resolve(ModelFile.NAME), folder.resolve("moved.safetensors"));
        try (Served served = new Served(linking)) {
            JsonObject run = served.get("/api/runs/linking").json();
            assertEquals("[]", run.get("samples").toString());
            assertEquals(3, run.getAsJsonArray("metrics").size());
            assertEquals("[]", served.get("/api/models").json().get("models").toString());
        }
    }

    /** A file on a slow disk, say, keeps nobody waiting for the other runs. */
    @Test
    void aRunThatIsBeingReadIsShownAsItWas() throws Exception {
        Catalog catalog = new Catalog(List.of(runs));
        try (Device device = TestDevices.open("cpu");
                DeviceThread deviceThread = new DeviceThread(device, why -> {});
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Api api = new Api(catalog, deviceThread, false);
            ServedRun slow = catalog.run("first");
            slow.reading.lock();
            try {
                assertEquals(List.of("reading", "done"), states(clients.submit(api::runs)));
            } finally {
                slow.reading.unlock();
            }
            assertEquals(List.of("done", "done"), states(clients.submit(api::runs)));
        }
    }

    private static List<String> states(Future<JsonObject> table) throws Exception {
        return table.get(30, TimeUnit.SECONDS).getAsJsonArray("runs").asList().stream()
                .map(run -> run.getAsJsonObject().get("state").getAsString()).toList();
    }

    /** Options of files and of what is shown do not change a run; those that are named so are options. */
    @Test
    void whatIsWrittenAndShownIsNoSetting(@TempDir Path two) throws Exception {
        for (String[] run : new String[][] {{"one", "true", "64"}, {"two", "false", "32"}}) {
            Files.writeString(Files.createDirectories(two.resolve(run[0])).resolve(RunFolder.RUN), "{\"options\": {"
                    + "\"hidden\": \"" + run[2] + "\"," + Api.NO_SETTINGS.stream().map(name -> "\""
                            + name.replace('_', '-') + "\": \"" + run[1] + "\"").collect(Collectors.joining(","))
                    + "}}");
        }
        try (Served served = new Served(two)) {
            assertEquals("{\"hidden\":64}", served.get("/api/runs").json().getAsJsonArray("runs").get(0)
                    .getAsJsonObject().get("settings").toString());
        }
        List<String> options =
                Pattern.compile("--([a-z-]+)").matcher(Files.readString(Path.of("docs/cli.md"))).results()
                        .map(option -> option.group(1).replace('-', '_')).toList();
        assertEquals(List.of("more_texts"), Api.NO_SETTINGS.stream().filter(name -> !options.contains(name)).toList());
    }

    /** As when every experiment of a year lies in one folder. */
    @Test
    void ofTooManyRunsTheLastByNameAreServedAndTheOthersCounted() throws Exception {
        Path many = folder.resolve("many");
        for (int i = 1000; i < 2007; i++) {
            Files.writeString(Files.createDirectories(many.resolve("run-" + i)).resolve(RunFolder.METRICS), "");
        }
        try (Served served = new Served(many)) {
            assertEquals("1,000 runs and 0 models (the last by name; 7 others left out)", served.server().served());
            JsonObject json = served.get("/api/runs").json();
            assertEquals(7, json.get("left_out").getAsInt());
            assertEquals("run-1007", json.getAsJsonArray("runs").get(0).getAsJsonObject().get("id").getAsString());
        }
    }

    @Test
    void aPathThatIsNeitherRunNorModelIsRefused() {
        assertTrue(assertThrows(CharlstmException.class, () -> new Catalog(List.of(folder.resolve("none"))))
                .getMessage().contains("does not exist"));
        assertEquals(Set.of("first", "second"), new Catalog(List.of(runs, runs)).models().keySet());
        // The same run by another way to it, and a file of the same name.
        Path first = runs.resolve("first");
        assertEquals(Set.of("first", "model"), new Catalog(List.of(first, runs.resolve("second/../first"),
                first.resolve(ModelFile.NAME))).models().keySet());
        Catalog two = new Catalog(List.of(first, folder.resolve("other/first")));
        assertEquals(Set.of("first", "first-2"), two.models().keySet());
        assertEquals(folder.resolve("other/first").resolve(ModelFile.NAME), two.model("first-2"));
    }

    @Test
    void aBrokenModelFileIsAnError() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.safetensors"), "nothing");
        try (Served served = new Served(broken)) {
            JsonObject model = served.get("/api/models").json().getAsJsonArray("models").get(0).getAsJsonObject();
            assertEquals("broken", model.get("id").getAsString());
            assertTrue(model.get("error").getAsString().contains("broken"));
            assertEquals(500, served.post("/api/top", "{}").status());
        } finally {
            Files.delete(broken);
        }
    }

    /** The next event of a name. */
    private static JsonObject event(BufferedReader in, String name) throws Exception {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("event: " + name)) {
                return JsonParser.parseString(in.readLine().substring("data: ".length())).getAsJsonObject();
            }
        }
        throw new AssertionError("no event " + name);
    }

    private static BufferedReader follow(Socket socket, String ids, String more) throws Exception {
        socket.getOutputStream().write(("GET /api/runs/" + ids + "/events HTTP/1.1\r\nHost: localhost\r\n" + more
                + "\r\n").getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    @SecondCircle("more lines; severalRunsAreFollowedAtOnce has some")
    void newLinesAreSentAsEvents() throws Exception {
        Path run = Files.createDirectory(folder.resolve("live"));
        Path metrics = Files.writeString(run.resolve(RunFolder.METRICS), "{\"epoch\":1,\"loss\":2.5}\nnonsense\n");
        try (Served served = new Served(run); Socket socket = served.connect(); Socket again = served.connect()) {
            BufferedReader in = follow(socket, "live", "");
            event(in, "reset");
            assertEquals("[{\"epoch\":1,\"loss\":2.5}]", event(in, "metrics").get("lines").toString());
            assertEquals(2.5, event(in, "status").get("loss").getAsDouble());
            // A line counts once it is whole.
            Files.writeString(metrics, "{\"epoch\":2,", StandardOpenOption.APPEND);
            Files.writeString(run.resolve(RunFolder.SAMPLES), "{\"epoch\":1,\"sentences\":[\"a <b>\"]}\n");
            assertEquals("a <b>", event(in, "samples").getAsJsonArray("lines").get(0).getAsJsonObject()
                    .getAsJsonArray("sentences").get(0).getAsString());
            Files.writeString(metrics, "\"loss\":1.5}\n", StandardOpenOption.APPEND);
            assertEquals("[{\"epoch\":2,\"loss\":1.5}]", event(in, "metrics").get("lines").toString());
            // A client that comes again goes on from where it was.
            in = follow(again, "live", "Last-Event-ID: 0-1-1\r\n");
            assertEquals("[{\"epoch\":2,\"loss\":1.5}]", event(in, "metrics").get("lines").toString());
            Files.writeString(metrics, "{\"epoch\":1,\"loss\":9.5}\n");
            event(in, "reset");
            assertEquals("[{\"epoch\":1,\"loss\":9.5}]", event(in, "metrics").get("lines").toString());
        }
    }

    /** How a run ended its description says; that of one that is gone without a word says nothing. */
    @ParameterizedTest
    @CsvSource({"whole, done", "early, early stop", "after_epoch, stopped", "in_epoch, stopped", "diverged, diverged",
        "failed, failed", "<b>, lost", ", lost"})
    void howARunEndedGivesItsState(String end, String state) throws Exception {
        Path run = Files.createDirectories(folder.resolve("ended"));
        Files.writeString(run.resolve(RunFolder.RUN), end == null ? "{}" : "{\"end\": \"" + end + "\"}");
        Files.writeString(run.resolve(RunFolder.PROGRESS), "{\"epoch\":1,\"step\":3,\"steps\":4}\n");
        JsonObject told = new ServedRun("ended", run, new KeptLines.Store(10_000, 10_000)).read().summary();
        assertEquals(state, told.get("state").getAsString());
        assertNull(told.get("progress"));
    }

    @Test
    @SecondCircle("another event; newLinesAreSentAsEvents has some")
    void progressWithinAnEpochIsSentAsEvents() throws Exception {
        Path run = Files.createDirectory(folder.resolve("slow"));
        Files.writeString(run.resolve(RunFolder.METRICS), "{\"epoch\":1,\"loss\":2.5}\n");
        Path lock = Files.writeString(run.resolve(".lock"), "4711");
        Path progress = Files.writeString(run.resolve(RunFolder.PROGRESS), """
                {"epoch":1,"step":3,"steps":4}
                {"epoch":2,"step":1,"steps":4,"loss":2.25,"seconds_left":30,"more":"<b>","huge":1e999}
                [1]
                """);
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock(Long.MAX_VALUE - 2, 1, false);
                Served served = new Served(run);
                Socket socket = served.connect()) {
            assertTrue(held.isValid());
            BufferedReader in = follow(socket, "slow", "");
            String line = "{\"epoch\":2,\"step\":1,\"steps\":4,\"loss\":2.25,\"seconds_left\":30}";
            assertEquals("[" + line + "]", event(in, "progress").get("lines").toString());
            JsonObject status = event(in, "status");
            assertEquals("training 30.0 " + line, status.get("state").getAsString() + " " + status.get("seconds_left")
                    + " " + status.get("progress"));
            Files.writeString(progress, "{\"epoch\":2,\"step\":2,\"steps\":4}\n", StandardOpenOption.APPEND);
            assertEquals("[{\"epoch\":2,\"step\":2,\"steps\":4}]", event(in, "progress").get("lines").toString());
            assertEquals(2, event(in, "status").getAsJsonObject("progress").get("step").getAsInt());
            Files.delete(progress);
            assertNull(event(in, "status").get("progress"));
        }
    }

    @Test
    void aRunThatTrainsIsStoppedWhereThatIsAllowed() throws Exception {
        Path run = folder.resolve("training");
        try (Training training = new Training(run, 0);
                Served served = new Served(run, new LocalServer.Settings(null, 0, null, true), 10_000)) {
            assertTrue(served.get("/api/runs").json().get("allow_stop").getAsBoolean());
            JsonObject summary = served.get("/api/runs/training").json();
            assertTrue(summary.get("training").getAsBoolean());
            assertEquals(202, served.post("/api/runs/training/stop", "{}").status());
            assertTrue(training.isStopped());
            assertEquals(409, served.post("/api/runs/training/stop", "{}").status());
            Thread.sleep(1100);
            assertNull(served.get("/api/runs/training").json().get("seconds_left"));
        }
    }

    /** One connection for several runs, each of whose events has its id. */
    @Test
    void severalRunsAreFollowedAtOnce() throws Exception {
        try (Served served = new Served(runs); Socket socket = served.connect(); Socket again = served.connect()) {
            BufferedReader in = follow(socket, "first,second", "");
            for (String[] each : new String[][] {{"first", "3", "id: 0-3-1,-1-0-0"},
                {"second", "2", "id: 0-3-1,0-2-1"}}) {
                JsonObject metrics = event(in, "metrics");
                assertEquals(each[0], metrics.get("id").getAsString());
                assertEquals(each[1], String.valueOf(metrics.getAsJsonArray("lines").size()));
                String line = in.readLine();
                while (!line.startsWith("id: ")) {
                    line = in.readLine();
                }
                assertEquals(each[2], line, "where one is once the sentences are told");
                assertEquals(each[0], event(in, "status").get("id").getAsString());
            }
            in = follow(again, "first,second", "Last-Event-ID: 0-3-1,0-1-0\r\n");
            JsonObject metrics = event(in, "metrics");
            assertEquals("second 1", metrics.get("id").getAsString() + " " + metrics.getAsJsonArray("lines").size());
            for (String none : List.of("first,nobody", "first,", ",first", "first,".repeat(8) + "first")) {
                assertEquals(404, served.get("/api/runs/" + none + "/events").status(), none);
            }
        }
    }
}
