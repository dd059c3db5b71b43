package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.Sampled;
import org.charlstm.circle.SecondCircle;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Signals;
import org.charlstm.report.Report;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Behaviour that only a process of its own shows: signals, a terminal, readers that go away or never read, and the
 * folder that a run gets unasked.
 */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@InProcesses
class ProcessTest {
    private static final String FINISHING =
            "charlstm: finishing the step and saving; once more ends it at once";

    private static final Pattern HOW_FAR = Pattern.compile("\repoch 1/2 +\\d+% \\[=* *]  "
            + "loss \\d\\.\\d+  [\\d,]+k?/s  \\d+:\\d\\d left *(?=\r)");
    /** Of clients that do not read. */
    private static final int TEXTS = 300;
    private static final int FOLLOWERS = 80;
    private static final int EPOCHS = 20_000;
    private static final int QUESTIONS = 20;

    @TempDir
    private Path folder;

    /** Also while a client reads on. */
    @Test
    void aSignalEndsTheServer() throws Exception {
        Path text = Tiny.text(folder);
        Tiny.train(text, folder.resolve("run"));
        try (Jvm jvm = new Jvm(folder, "serve", folder.resolve("run"), "--port", 0, "--device", "reference");
                BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            String line = lines.readLine();
            assertTrue(line.matches("serving 1 run and 1 model at http://127\\.0\\.0\\.1:\\d+/"), line);
            URI address = URI.create(line.replaceFirst(".* at ", ""));
            HttpResponse<String> answer = client.send(HttpRequest.newBuilder(address.resolve("/api/top"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"prefix\": \"a \", \"k\": 3}")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer.body());
            HttpResponse<Stream<String>> events = client.send(
                    HttpRequest.newBuilder(address.resolve("/api/runs/run/events")).build(),
                    HttpResponse.BodyHandlers.ofLines());
            assertEquals(200, events.statusCode());
            Signals.send(jvm.process().toHandle(), "TERM");
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES));
            // Else it waits for the rest of what nobody reads.
            client.shutdownNow();
            assertEquals(143, jvm.process().exitValue());
            assertEquals(List.of("charlstm: ending; once more ends it at once"), jvm.errors());
        }
    }

    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143"})
    @Needs(Need.INTERRUPTS)
    @Sampled(every = 2)
    void aSignalEndsTrainingAfterTheStepAndSaves(String signal, int code) throws Exception {
        // Epochs long enough for the signal to come in the midst of one.
        Path text = Tiny.text(folder, "captions.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(20));
        Object[] sizes = {"--hidden", 16, "--dense", 8, "--batch-size", 4, "--device", "reference"};
        List<String> epochs = new ArrayList<>();
        String last = "";
        Path out = folder.resolve("runs").resolve("latest");
        try (Jvm jvm = new Jvm(folder, Stream.concat(Stream.of("train", text, "--epochs", 1_000_000),
                Stream.of(sizes)).toArray());
                BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line;
                if (line.startsWith("epoch ")) {
                    epochs.add(line);
                    if (epochs.size() == 1) {
                        Signals.send(jvm.process().toHandle(), signal);
                    }
                }
            }
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES));
            assertEquals(code, jvm.process().exitValue());
            assertEquals(List.of(FINISHING), jvm.errors());
        }
        assertTrue(last.startsWith("interrupted "), last);
        ModelFile.load(out).weights().requireFinite("the model");
        Path whole = folder.resolve("whole");
        Tool.output(Stream.concat(Stream.of("train", text, "--epochs", epochs.size(), "--out", whole),
                Stream.of(sizes)).toArray());
        assertEquals(last.startsWith("interrupted after epoch"),
                Files.mismatch(whole.resolve(ModelFile.NAME), out.resolve(ModelFile.NAME)) == -1,
                "the weights are not those after the last step: " + last);
        List<String> metrics = Files.readAllLines(out.resolve(RunFolder.METRICS));
        assertEquals(epochs.size(), metrics.size());
        for (int i = 0; i < epochs.size(); i++) {
            JsonObject figures = JsonParser.parseString(metrics.get(i)).getAsJsonObject();
            String start = String.format(Locale.ROOT, "epoch %d/1000000  loss %.4f  ", i + 1,
                    figures.get("loss").getAsDouble());
            assertTrue(epochs.get(i).startsWith(start), epochs.get(i) + " is not " + start);
        }
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(Set.of(ModelFile.NAME, StateFile.NAME, RunFolder.METRICS, RunFolder.RUN, Report.NAME),
                    Set.copyOf(files.map(file -> file.getFileName().toString()).toList()));
        }
    }

    @Test
    @SecondCircle("another process; RunLockTest has the lock")
    void aSecondTrainingIntoAFolderIsRefusedWithTheFirstOnesProcess() throws Exception {
        Path text = Tiny.text(folder);
        Path out = folder.resolve("run");
        try (Jvm jvm = new Jvm(folder, Tiny.training(text, out, "--epochs", 1_000_000, "--device",
                "reference"));
                BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null && !line.startsWith("epoch ")) {
                line = lines.readLine();
            }
            for (Object[] second : List.of(Tiny.training(text, out, "--force"),
                    new Object[] {"train", "--resume", out, "--epochs", 2_000_000})) {
                Tool tool = Tool.run(second);
                assertEquals(Main.FAILED, tool.code());
                assertEquals("charlstm: " + out + " is being trained by process " + jvm.process().pid()
                        + "; wait for it, end it, or name another folder", tool.err().strip());
            }
        }
    }

    @Test
    @SecondCircle("a second signal; aSignalEndsTrainingAfterTheStepAndSaves has the first")
    void aSecondSignalEndsATrainingWhoseReaderDoesNotRead() throws Exception {
        Path text = Tiny.text(folder);
        Path out = folder.resolve("run");
        Path metrics = out.resolve(RunFolder.METRICS);
        try (Jvm jvm = new Jvm(folder, Tiny.training(text, out, "--epochs", 1_000_000, "--sample-every", 1,
                "--sample-count", 500))) {
            // The pipe of 64 KiB is full when no more comes.
            for (int alike = 0, before = 0; alike < 12 || before < 60_000;) {
                Thread.sleep(400);
                int now = jvm.process().getInputStream().available();
                alike = now == before ? alike + 1 : 0;
                before = now;
            }
            Signals.send(jvm.process().toHandle(), "TERM");
            for (int i = 0; i < 100 && jvm.errors().isEmpty(); i++) {
                Thread.sleep(50);
            }
            assertEquals(List.of(FINISHING), jvm.errors());
            assertFalse(jvm.process().waitFor(200, TimeUnit.MILLISECONDS));
            Signals.send(jvm.process().toHandle(), "TERM");
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES), "it still waits for its reader");
            assertEquals(143, jvm.process().exitValue());
        }
        int epochs = Files.readAllLines(metrics).size();
        Tool.output("train", "--resume", out, "--epochs", epochs + 1, "--sample-count", 1);
        Path whole = folder.resolve("whole");
        Tool.output(Tiny.training(text, whole, "--epochs", epochs + 1));
        assertEquals(-1, Files.mismatch(whole.resolve(ModelFile.NAME), out.resolve(ModelFile.NAME)));
    }

    @Test
    @SecondCircle("two processes more; OutFolderTest has the folder")
    void aRunWithoutAPlaceGetsAFreshOneAndLatestPointsToIt() throws Exception {
        Path text = Tiny.text(folder);
        Path runs = folder.resolve("runs");
        Path first = null;
        for (int i = 0; i < 2; i++) {
            try (Jvm jvm = new Jvm(folder, Stream.of(Tiny.training(text, "x", "--epochs", 0))
                    .filter(word -> !word.equals("--out") && !word.equals("x")).toArray())) {
                String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertEquals(0, jvm.process().waitFor(), out);
                assertEquals(List.of(), jvm.errors());
                Path latest = runs.resolve("latest").toRealPath();
                assertTrue(out.contains(" sample " + folder.toRealPath().relativize(latest)), out);
                assertNotEquals(first, latest, "the second run took the folder of the first");
                first = latest;
            }
        }
        try (Stream<Path> files = Files.list(runs)) {
            List<Path> all = files.toList();
            assertEquals(3, all.size(), all.toString());
            assertEquals(1, all.stream().filter(Files::isSymbolicLink).count());
            assertEquals(2, all.stream().filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).count());
        }
    }

    @Test
    void aReaderThatGoesAwayEndsSamplingWithoutAWord() throws Exception {
        Path model = Tiny.train(Tiny.text(folder), folder.resolve("run"));
        try (Jvm jvm = new Jvm(folder, "sample", model, "--count", 100_000_000, "--device", "reference")) {
            BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8);
            assertNotNull(lines.readLine());
            lines.close();
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES), "it goes on for nobody");
            assertEquals(0, jvm.process().exitValue());
            assertEquals(List.of(), jvm.errors());
        }
    }

    private static Socket unread(URI address, String request) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(address.getHost(), address.getPort()));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    @Test
    @SecondCircle("hundreds of clients; FloodTest has some")
    void clientsThatNeverReadTakeNeitherItsMemoryNorItsTime() throws Exception {
        Path run = folder.resolve("run");
        Tiny.train(Tiny.text(folder), run);
        try (BufferedWriter metrics = Files.newBufferedWriter(run.resolve(RunFolder.METRICS))) {
            for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                metrics.write("{\"epoch\":" + epoch + ",\"loss\":" + 1.0 / epoch + ",\"accuracy\":0.5,\"seconds\":1.5,"
                        + "\"chars_per_second\":12345.678,\"bits_per_character\":0.0123456789}\n");
            }
        }
        List<String> flags = Stream.concat(Jvm.VECTORS.stream(), Stream.of("-Xmx80m")).toList();
        List<Socket> sockets = new ArrayList<>();
        try (Jvm jvm = new Jvm(folder, null, flags, System.getProperty("java.class.path"),
                List.of("serve", run, "--port", 0, "--device", "cpu", "--threads", 1));
                BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8);
                HttpClient client = HttpClient.newHttpClient()) {
            URI address = URI.create(lines.readLine().replaceFirst(".* at ", ""));
            for (int i = 0; i < TEXTS; i++) {
                String body = "{\"max_length\":100000,\"past_end\":true,\"top\":20,\"seed\":" + i + "}";
                sockets.add(unread(address, "POST /api/sample HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                        + "application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body));
            }
            for (int i = 0; i < FOLLOWERS; i++) {
                sockets.add(unread(address, "GET /api/runs/run/events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            }
            for (int i = 0; i < QUESTIONS; i++) {
                HttpResponse<String> answer = client.send(HttpRequest.newBuilder(address.resolve("/api/top"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"prefix\": \"a \", \"k\": 3}")).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, answer.statusCode(), answer.body());
            }
            Signals.send(jvm.process().toHandle(), "TERM");
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES));
            assertEquals(List.of("charlstm: ending; once more ends it at once"), jvm.errors());
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** The tool on a pseudo-terminal of its own, as util-linux' script makes one. */
    private static Process onTerminal(Object... arguments) throws IOException {
        return onTerminalAfter("", arguments);
    }

    /** The same after other words for a shell. */
    private static Process onTerminalAfter(String before, Object... arguments) throws IOException {
        List<Object> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java"),
                "--enable-native-access=ALL-UNNAMED"));
        line.addAll(Jvm.VECTORS);
        line.addAll(List.of("-Dcharlstm.columns=90", "-cp", System.getProperty("java.class.path"),
                Main.class.getName()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder("script", "-qec",
                before + line.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")), "/dev/null")
                .redirectErrorStream(true);
        builder.environment().keySet().removeAll(Set.of("XTERM_VERSION", "STY"));
        builder.environment().put("TERM", "xterm-256color");
        return builder.start();
    }

    /** Somebody drags the window to 50 columns while 90 are in use; the terminal breaks the line that was there. */
    @Test
    @Needs({Need.INTERRUPTS, Need.SCRIPT})
    @SecondCircle("another width")
    void aTerminalThatBecomesNarrowerHasNoTrailOfProgress() throws IOException, InterruptedException {
        Path text = Tiny.text(folder, "captions.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(150));
        Process process =
                onTerminalAfter("tty; stty cols 90; ", Tiny.training(text, folder.resolve("run"), "--epochs", 900));
        StringBuilder seen = new StringBuilder();
        InputStream screen = process.getInputStream();
        byte[] some = new byte[4096];
        Pattern shown = Pattern.compile("\repoch 1/900 +\\d+%[^\r]*  loss [^\r]*(?=\r)");
        int narrowed = 0;
        boolean interrupted = false;
        for (int n; (n = screen.read(some)) > 0;) {
            seen.append(new String(some, 0, n, StandardCharsets.UTF_8));
            if (narrowed == 0 && shown.matcher(seen).find()) {
                narrowed = seen.length();
                assertEquals(0, new ProcessBuilder("stty", "-F", seen.substring(0, seen.indexOf("\n")).strip(), "cols",
                        "50").start().waitFor());
            } else if (narrowed > 0 && !interrupted
                    && shown.matcher(seen.substring(narrowed)).results().count() > 3) {
                process.outputWriter().append('\3').flush();
                interrupted = true;
            }
        }
        assertEquals(Main.INTERRUPTED, process.waitFor(), seen.toString());
        // The narrow lines begin where the cursor goes up to where the wide one began, and all below is wiped.
        String[] parts = seen.toString().split("\r\033\\[1A\033\\[J", -1);
        assertEquals(2, parts.length, seen.toString());
        List<String> lines = Pattern.compile("(?:^|\r)(epoch [0-9]+/900 +[0-9]+%[^\r]*)").matcher(parts[1]).results()
                .limit(3).map(each -> each.group(1)).toList();
        assertEquals(3, lines.size(), parts[1]);
        lines.forEach(line -> assertEquals(49, line.length(), line));
        assertTrue(parts[0].contains("epoch 1/900"), parts[0]);
    }

    /** The progress of an epoch is there while it runs: what is seen is acted on, and the epoch is not over then. */
    @Test
    @Needs({Need.INTERRUPTS, Need.SCRIPT})
    void howFarAnEpochIsIsSeenWhileItRuns() throws IOException, InterruptedException {
        Path text = Tiny.text(folder, "captions.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(150));
        Process process = onTerminal(Tiny.training(text, folder.resolve("run"), "--epochs", 2));
        StringBuilder seen = new StringBuilder();
        InputStream screen = process.getInputStream();
        byte[] some = new byte[4096];
        boolean interrupted = false;
        for (int n; (n = screen.read(some)) > 0;) {
            seen.append(new String(some, 0, n, StandardCharsets.UTF_8));
            if (!interrupted && HOW_FAR.matcher(seen).find()) {
                // Ctrl-C.
                process.outputWriter().append('\3').flush();
                interrupted = true;
            }
        }
        String all = seen.toString();
        assertTrue(interrupted, all);
        assertEquals(Main.INTERRUPTED, process.waitFor(), all);
        assertTrue(all.contains("interrupted in epoch 1; the weights after the last step are in"), all);
        assertFalse(all.contains("characters/s"), all);
        Matcher bars = Pattern.compile("\r(epoch 1/2[^\r]*)").matcher(all);
        assertTrue(bars.find());
        assertEquals("epoch 1/2   0% [" + " ".repeat(30) + "]", bars.group(1).strip());
        assertEquals(89, bars.group(1).length());
    }

    /** Somebody answers once the choices are there: the first, a number, a character, a step back, the end. */
    @Test
    @Needs(Need.SCRIPT)
    @SecondCircle("another command on a terminal; howFarAnEpochIsIsSeenWhileItRuns has one")
    void aSentenceIsPickedByHand() throws IOException, InterruptedException {
        Path model = Tiny.train(Tiny.text(folder), folder.resolve("run"), "--epochs", 5);
        Process process = onTerminal("sample", model, "--interactive", "--prime", "a c", "--threads", 1);
        StringBuilder seen = new StringBuilder();
        InputStream screen = process.getInputStream();
        byte[] some = new byte[4096];
        List<String> answers = List.of("d", "Q", "-", "'a'", "t", ".");
        List<String> texts = List.of("a c", "a cd", "a cd", "a c", "a ca", "a cat");
        int answered = 0;
        int from = 0;
        for (int n; (n = screen.read(some)) > 0;) {
            seen.append(new String(some, 0, n, StandardCharsets.UTF_8));
            if (answered < answers.size()) {
                Matcher choices = Pattern.compile("\"" + texts.get(answered)
                        + "\"\\s+1 [^\r\n]+%  2 [^\r\n]+%  9 [^\r\n]+%\r?\n").matcher(seen);
                if (choices.find(from)) {
                    from = choices.end();
                    process.outputWriter().append(answers.get(answered) + "\n").flush();
                    answered++;
                }
            }
        }
        String all = seen.toString();
        assertEquals(answers.size(), answered, all);
        assertEquals(0, process.waitFor(), all);
        assertTrue(all.contains("'Q' is neither a number from 1 to 9 nor one of the model's"), all);
        assertTrue(all.endsWith("\r\na cat\r\n"), all);
    }

    /** All other tests run it from the class path. */
    @Test
    @SecondCircle("on the module path; ReadmeTest has the library there")
    void theToolAndTheProcessesThatItStartsRunAsModules() throws Exception {
        String modules = Path.of("target", "classes").toAbsolutePath() + File.pathSeparator
                + Path.of("target", "lib").toAbsolutePath();
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=org.charlstm", "--add-modules", "info.picocli",
                "-p", modules, "-m", "org.charlstm/" + Main.class.getName(), "bench", "--devices", "cpu", "--threads",
                "1", "--hidden", "3", "--dense", "0", "--batch-sizes", "4", "--max-samples", "8", "--epochs", "1",
                "--warm-up", "0", "--repeat", "1", "--out", folder.resolve("grid").toString())
                .redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start();
        assertEquals(0, process.waitFor(), Files.readString(folder.resolve("log")));
        assertTrue(Files.readString(folder.resolve("grid/results.json")).contains("\"status\": \"measured\""));
    }
}
