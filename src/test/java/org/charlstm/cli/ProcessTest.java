package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.charlstm.InProcesses;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Signals;
import org.charlstm.report.Report;
import org.charlstm.run.RunFolder;
import org.charlstm.run.StateFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What only a process of its own shows: signals, a reader that goes away, and the folder that a run gets unasked. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@InProcesses
class ProcessTest {
    private static final String FINISHING =
            "charlstm: finishing the step and saving; once more ends it at once";

    @TempDir
    private Path folder;

    /** Also while a client reads on. */
    @Test
    void aSignalEndsTheServer() throws Exception {
        Path text = Tiny.text(folder);
        Tiny.train(text, folder.resolve("run"));
        try (Jvm jvm = new Jvm(folder, "serve", folder.resolve("run"), "--port", 0, "--device", "cpu");
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
    void aSignalEndsTrainingAfterTheStepAndSaves(String signal, int code) throws Exception {
        // Epochs long enough for the signal to come in the midst of one.
        Path text = Tiny.text(folder, "captions.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(20));
        Object[] sizes = {"--hidden", 16, "--dense", 8, "--batch-size", 4, "--threads", 1};
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
    void aSecondTrainingIntoAFolderIsRefusedWithTheFirstOnesProcess() throws Exception {
        Path text = Tiny.text(folder);
        Path out = folder.resolve("run");
        try (Jvm jvm = new Jvm(folder, Tiny.training(text, out, "--epochs", 1_000_000));
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
    void aSecondSignalEndsATrainingWhoseReaderDoesNotRead() throws Exception {
        Path text = Tiny.text(folder);
        Path out = folder.resolve("run");
        Path metrics = out.resolve(RunFolder.METRICS);
        try (Jvm jvm = new Jvm(folder, Tiny.training(text, out, "--epochs", 1_000_000, "--sample-every", 1,
                "--sample-count", 500))) {
            // The pipe is full when no more comes.
            for (int alike = 0, before = 0; alike < 12 || before < 50_000;) {
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
                assertTrue(out.contains("charlstm sample " + folder.toRealPath().relativize(latest)), out);
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
        try (Jvm jvm = new Jvm(folder, "sample", model, "--count", 100_000_000)) {
            BufferedReader lines = jvm.process().inputReader(StandardCharsets.UTF_8);
            assertNotNull(lines.readLine());
            lines.close();
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES), "it goes on for nobody");
            assertEquals(0, jvm.process().exitValue());
            assertEquals(List.of(), jvm.errors());
        }
    }
}
