package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.charlstm.InProcesses;
import org.charlstm.selftest.SelfTest;
import org.charlstm.selftest.Tolerances;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands on a simulated GPU of which a call fails. */
@InProcesses
class CallFailureTest {
    @TempDir
    private Path folder;

    /** The call is a row of its own; what comes after it goes on. */
    @Test
    void aCallThatFailsIsARow() throws Exception {
        Path libraries = Path.of("target", "native").toAbsolutePath();
        Assumptions.assumeTrue(Files.exists(libraries.resolve("libcudnn.so.9")), "no simulated GPU in " + libraries);
        Map<String, String> environment = Map.of("CHARLSTM_SIM", libraries.toString(), "CHARLSTM_SIM_ORDERS", "one",
                "CHARLSTM_SIM_FAULTS", "fail:1000");
        try (Jvm jvm = new Jvm(folder, environment, "selftest", "--device", "cudasim",
                "--rnn-algo", "standard")) {
            String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(Main.FAILED, jvm.process().waitFor(), out);
            assertEquals(List.of(), jvm.errors());
            assertTrue(out.lines().anyMatch(line -> line.matches(".* FAILED  .*: \\w+ failed with status \\d+ .*")),
                    out);
            assertTrue(out.endsWith("\ncudasim FAILED 1 of " + SelfTest.checks(Tolerances.FLOAT32).size()
                    + " checks\n"), out);
        }
    }

    /** What is tried to say it needs no memory that the failed attempt still has, and no folder is left. */
    @ParameterizedTest
    @CsvSource({
        "16, 'use a smaller batch or fewer units, .*; --batch-size 4 fits, for as large an update with --accumulate 2'",
        "5, 'take less of the text, or shorter rows, .* \\(--max-samples, --max-caption, --window\\)'"})
    void memoryThatIsTooSmallIsSaidWithABatchThatFits(int allocation, String advice) throws Exception {
        Path libraries = Path.of("target", "native").toAbsolutePath();
        Assumptions.assumeTrue(Files.exists(libraries.resolve("libcudnn.so.9")), "no simulated GPU in " + libraries);
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
