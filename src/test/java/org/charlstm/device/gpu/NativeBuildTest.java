package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the simulated GPU proves by itself. */
@InProcesses
@Order(3)
@Needs({Need.BASH, Need.GXX})
class NativeBuildTest {
    @TempDir
    private Path folder;

    /** Every check fires on a trial kernel or call that breaks the rule. */
    @Test
    void theSimulatedGpusSelfTestPasses() throws IOException, InterruptedException {
        Result result = run("bash", "native/build.sh", "--test", folder.toString());
        assertEquals(0, result.code, result.output);
    }

    /** As where there is no switch of stacks in assembly, and without CUDA's header. */
    @Test
    void itPassesOnTheWaysThatOtherMachinesTake() throws IOException, InterruptedException {
        Result result = run("env", "CXXFLAGS=-DCHARLSTM_UCONTEXT", "CHARLSTM_CUDA_HEADER=none", "bash",
                "native/build.sh", "--test", folder.toString());
        assertEquals(0, result.code, result.output);
    }

    private record Result(int code, String output) {
    }

    private Result run(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        return new Result(process.waitFor(), Files.readString(output));
    }
}
