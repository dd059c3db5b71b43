package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** {@code selftest} on a simulated GPU of which a call fails. */
@InProcesses
class SelftestFaultTest {
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
}
