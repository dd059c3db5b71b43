package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs of CUDA C++ by the commands that native/README.md shows: as they are, and with a mistake. */
@InProcesses
@Timeout(300)
@Needs({Need.SIMULATED_GPU, Need.NVCC})
class CudaProgramsTest {
    private static final Path SOURCE = Path.of("native", "test", "resources", "ctest").toAbsolutePath();
    private static final Path SIMULATED = Path.of("target", "native").toAbsolutePath();
    private static final String RIGHT = "0 of 1000 sums are wrong";

    @TempDir
    private Path folder;

    private record Ended(int code, String said) {
    }

    private Ended run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        process.environment().putAll(environment);
        process.environment().merge("PATH", Installed.named("nvcc").getParent().toString(),
                (old, more) -> more + File.pathSeparator + old);
        Process started = process.start();
        String said = new String(started.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(started.waitFor(), said);
    }

    private void succeed(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Ended ended = run(environment, command);
        assertEquals(0, ended.code(), ended.said());
    }

    private Ended compiledAndRun(String append, String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Installed.named("nvcc").toString(), "-lineinfo", "-o", "sums",
                SOURCE.resolve("sums.cu").toString()));
        command.addAll(List.of(flags));
        succeed(Map.of("NVCC_APPEND_FLAGS", append), command.toArray(String[]::new));
        return run(Map.of("LD_LIBRARY_PATH", SIMULATED.toString(), "CHARLSTM_SIM_EXIT", "3"), "./sums");
    }

    @Test
    void anUnchangedProgramRunsOnTheSharedRuntimeAndOnTheStaticOne() throws IOException, InterruptedException {
        for (String append : List.of("-cudart shared", "-L" + SIMULATED)) {
            Ended ended = compiledAndRun(append);
            assertEquals(0, ended.code(), ended.said());
            assertTrue(ended.said().contains(RIGHT), ended.said());
        }
    }

    /** The program looks at no status; it ends with another code all the same. */
    @Test
    void aMistakeIsNamedWithItsLineAndChangesTheExitCode() throws IOException, InterruptedException {
        Ended ended = compiledAndRun("-cudart shared", "-DPLANTED");
        assertEquals(1, ended.said().lines().filter(line -> line.matches("charlstm sim: .*out-of-bounds read of 4 "
                + "bytes .*byte 4000 of argument [01].*sums\\.cu:10.*")).count(), ended.said());
        assertTrue(ended.code() != 0, ended.said());
    }

    @Test
    @Needs(Need.CMAKE)
    @SecondCircle("by ctest; anUnchangedProgramRunsOnTheSharedRuntimeAndOnTheStaticOne builds one")
    void ctestRunsItsTests() throws IOException, InterruptedException {
        succeed(Map.of(), "cmake", "-S", SOURCE.toString(), "-B", "build", "-DSIMULATED_GPU=" + SIMULATED,
                "-DCMAKE_CUDA_RUNTIME_LIBRARY=Shared");
        succeed(Map.of(), "cmake", "--build", "build");
        Ended ended = run(Map.of(), "ctest", "--test-dir", "build");
        assertEquals(0, ended.code(), ended.said());
        assertTrue(ended.said().contains("100% tests passed, 0 tests failed out of 1"), ended.said());
        assertTrue(Files.readString(folder.resolve("build/Testing/Temporary/LastTest.log")).contains(RIGHT));
    }
}
