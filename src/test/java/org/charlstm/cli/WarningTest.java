package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a device warns of, a line on standard error says, once. */
@InProcesses
@Needs(Need.SIMULATED_GPU)
class WarningTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();

    @TempDir
    private Path folder;

    /** Even where none follows. */
    @Test
    void aCardThatIsNewerThanCudnnIsToldBeforeTheFirstEpoch() throws Exception {
        Map<String, String> environment = Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_SIM_ORDERS", "one",
                "CHARLSTM_SIM_CUDNN_CAPABILITY", "890");
        try (Jvm jvm = new Jvm(folder, environment, "train", "--device", "cudasim", "--rnn-algo", "standard",
                "--max-samples", 2, "--epochs", 0, "--hidden", 4, "--dense", 4, "--batch-size", 2, "--out", "run")) {
            String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, jvm.process().waitFor(), out);
            assertEquals(1, jvm.errors().size(), jvm.errors().toString());
            assertTrue(jvm.errors().getFirst().matches("charlstm: warning: .*/libcudnn.so.9 is cuDNN 9.13.0, which has "
                    + "code for compute capabilities up to 8.9, and this GPU has 9.0: .*"), jvm.errors().toString());
            assertTrue(Files.readString(folder.resolve("run/run.json")).contains("up to 8.9, and this GPU has 9.0"));
        }
    }

    /** Three epochs of two shapes, neither of which can be recorded, for the same reason. */
    @Test
    void aStepThatCannotBeRecordedIsToldOnceAndTrainsOn() throws Exception {
        Map<String, String> environment = Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_SIM_ORDERS", "one",
                "CHARLSTM_SIM_RNN", "0:capture:5000");
        try (Jvm jvm = new Jvm(folder, environment, "train", "--device", "cudasim", "--rnn-algo", "standard",
                "--max-samples", 5, "--epochs", 3, "--hidden", 4, "--dense", 4, "--batch-size", 2, "--out", "run")) {
            String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, jvm.process().waitFor(), out);
            assertTrue(out.contains("\nepoch 3/3 "), out);
            List<String> warnings = jvm.errors().stream().filter(line -> !line.startsWith("charlstm sim: ")).toList();
            assertEquals(1, warnings.size(), warnings.toString());
            assertTrue(warnings.getFirst().startsWith("charlstm: warning: steps run call by call, not as one recorded "
                    + "graph: cudnnRNNForward failed with status 5000 (CUDNN_STATUS_EXECUTION_FAILED"),
                    warnings.getFirst());
        }
    }
}
