package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
    private Path folder;
    private Path text;
    private Path out;

    @BeforeEach
    void write() {
        text = Tiny.text(folder);
        out = folder.resolve("grid");
    }

    private Object[] bench(Path to, Object... more) {
        return Tiny.with(new Object[] {"bench", text, "--out", to, "--devices", "reference", "--batch-sizes", 4,
            "--hidden", 8, "--dense", 4, "--epochs", 1, "--repeat", 2}, more);
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
        Tool tool = Jvm.run(folder, bench(out));
        assertEquals(0, tool.code(), tool.toString());
        assertTrue(tool.err().contains("\n" + before.size() + "/2  "), tool.err());
        assertEquals(before, journal().subList(0, before.size()));
        assertEquals(3, journal().size());
        Results results = Results.read(out);
        assertNotNull(results.finished());
        results.rows().forEach(row -> assertEquals(2, row.epochSeconds().size()));
    }

    @Test
    void anotherGridInTheSameFolderIsRefusedUnlessForced() throws Exception {
        assertEquals(0, Jvm.run(folder, bench(out)).code());
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
}
