package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A training on a GPU whose memory is too small. */
@InProcesses
@Needs(Need.SIMULATED_GPU)
class SmallMemoryTest {
    @TempDir
    private Path folder;

    /** What is tried to say it needs no memory that the failed attempt still has, and no folder is left. */
    @ParameterizedTest
    @CsvSource({
        "16, 'use a smaller batch or fewer units, .*; --batch-size 4 fits, for as large an update with --accumulate 2'",
        "5, 'take less of the text, or shorter rows, .* \\(--max-samples, --max-caption, --window\\)'"})
    void memoryThatIsTooSmallIsSaidWithABatchThatFits(int allocation, String advice) throws Exception {
        Path libraries = Path.of("target", "native").toAbsolutePath();
        Map<String, String> environment = Map.of("CHARLSTM_SIM", libraries.toString(), "CHARLSTM_SIM_ORDERS", "one",
                "CHARLSTM_SIM_FAULTS", "oom:" + allocation);
        Path out = folder.resolve("run");
        try (Jvm jvm = new Jvm(folder, environment, Tiny.training(Tiny.text(folder), out, "--device", "cudasim",
                "--rnn-algo", "standard"))) {
            assertEquals(Main.FAILED, jvm.process().waitFor());
            String said = String.join("\n", jvm.errors());
            assertTrue(said.matches(
                    "charlstm: cuMemAlloc_v2 failed with .* do not fit beside the .* are free; " + advice),
                    said);
        }
        assertFalse(Files.exists(out));
    }
}
