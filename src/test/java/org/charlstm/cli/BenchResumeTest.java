package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.charlstm.InProcesses;
import org.charlstm.bench.Results;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Signals;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An experiment that is interrupted goes on where it was; then two are compared. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no such signals")
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@InProcesses
class BenchResumeTest {
    @TempDir
    private static Path shared;
    private static Path finished;
    @TempDir
    private Path folder;
    private Path text;
    private Path out;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
        out = folder.resolve("grid");
    }

    private Object[] bench(Path to, Object... more) {
        return bench(text, to, more);
    }

    private static Object[] bench(Path text, Path to, Object... more) {
        return Stream.concat(Stream.of("bench", text, "--out", to, "--devices", "reference", "--batch-sizes", 4,
                "--hidden", 8, "--dense", 4, "--epochs", 1, "--repeat", 2), Stream.of(more)).toArray();
    }

    private List<String> journal() throws IOException {
        return Files.readAllLines(out.resolve("journal.jsonl"));
    }

    /** Long epochs, so that the signal comes in the midst of a measurement. */
    @ParameterizedTest
    @CsvSource({"INT,130", "TERM,143", "KILL,137"})
    @Needs(Need.INTERRUPTS)
    void goesOnWithTheSameCommand(String signal, int code) throws Exception {
        List<String> before;
        try (Jvm jvm = new Jvm(folder, bench(out))) {
            while (!Files.exists(out.resolve("journal.jsonl")) || journal().size() < 2) {
                assertTrue(jvm.process().isAlive(), () -> "it ended too soon");
                Thread.sleep(20);
            }
            Signals.send(jvm.process().toHandle(), signal);
            assertTrue(jvm.process().waitFor(10, TimeUnit.MINUTES));
            assertEquals(code, jvm.process().exitValue());
            if (!signal.equals("KILL")) {
                assertTrue(jvm.errors().getLast().startsWith("charlstm: interrupted; "), jvm.errors().toString());
            }
            before = journal();
        }
        assertTrue(before.size() < 3, "all was measured before the signal");
        assertNull(Results.read(out).finished());
        Files.writeString(out.resolve("journal.jsonl"), String.join("\n", before) + "\n{\"configuration\": 1, \"rep");
        try (Jvm jvm = new Jvm(folder, bench(out))) {
            String printed = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, jvm.process().waitFor(), printed + jvm.errors());
            assertTrue(jvm.errors().stream().anyMatch(line -> line.startsWith(before.size() + "/2  ")),
                    jvm.errors().toString());
        }
        assertEquals(before, journal().subList(0, before.size()));
        assertEquals(3, journal().size());
        Results results = Results.read(out);
        assertNotNull(results.finished());
        results.rows().forEach(row -> assertEquals(2, row.epochSeconds().size()));
    }

    /** A grid of the small text that came to its end, measured once for all who look at one. */
    private static Path finished() throws Exception {
        if (finished == null) {
            Path text = Tiny.text(shared);
            Path grid = shared.resolve("grid");
            Tool tool = Jvm.run(shared, bench(text, grid));
            assertEquals(0, tool.code(), tool.err());
            finished = grid;
        }
        return finished;
    }

    @Test
    void anotherGridInTheSameFolderIsRefusedUnlessForced() throws Exception {
        Files.createDirectory(out);
        try (Stream<Path> files = Files.list(finished())) {
            for (Path file : files.toList()) {
                Files.copy(file, out.resolve(file.getFileName()));
            }
        }
        List<String> before = journal();
        assertEquals(3, before.size());
        String message = Refusal.of(Main.FAILED, folder, bench(out, "--layers", 2));
        assertTrue(message.contains("configurations[0].layers is 2, not 1") && message.contains("--force"), message);
        text = Tiny.text(folder, "captions.txt", String.join("\n", Tiny.CAPTIONS).replace('a', 'b') + "\n");
        assertTrue(Refusal.of(Main.FAILED, folder, bench(out)).contains("text.sha256"));
        assertEquals(before, journal());
        assertEquals(0, Jvm.run(folder, bench(out, "--force")).code());
        assertEquals(3, journal().size());
        assertTrue(journal().stream().noneMatch(before::contains));
    }

    @Test
    void twoAreCompared() throws Exception {
        Path one = finished();
        Path other = folder.resolve("other");
        assertEquals(0, Jvm.run(folder, bench(other, "--layers", 1, "--warm-up", 2)).code());
        String message = Refusal.of(Main.FAILED, folder, "bench", "compare", one, other);
        assertTrue(message.contains("protocol.warm_up is 2, not 1"), message);
        List<String> lines = Tool.output("bench", "compare", one, other, "--force").lines().toList();
        assertEquals("differs: protocol.warm_up is 2, not 1", lines.getFirst());
        assertTrue(lines.get(2).matches("reference  float32 +4 +8 +1 +4 +[0-9.]+ +[0-9.]+ +[0-9.]+  (overlap|apart)"),
                lines.get(2));
        assertEquals(3, lines.size());
        String json = Tool.output("bench", "compare", one, one.resolve("results.json"), "--json");
        assertTrue(json.contains("\"ratio\": 1.0,") && json.contains("\"overlap\": true"), json);
        Path single = folder.resolve("single");
        assertEquals(0, Jvm.run(folder, "bench", text, "--out", single, "--devices", "reference", "--hidden",
                8, "--batch-sizes", 4, "--epochs", 1, "--repeat", 1).code());
        String figures = Tool.output("bench", "compare", single, single);
        assertTrue(figures.endsWith("  one figure each\n"), figures);
        assertTrue(Refusal.of(Main.FAILED, folder, "bench", "compare", one, folder.resolve("none"))
                .contains("does not exist"));
        assertTrue(Refusal.of(Main.USAGE, folder, "bench", "compare", one).contains("B"));
    }
}
