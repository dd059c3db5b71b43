package org.charlstm.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the native parts prove by themselves: the simulated GPU's checks, and that nvcc takes every kernel. */
class NativeBuildTest {
    private static final int NO_COMPILER = 3;

    @TempDir
    private Path folder;

    static List<Path> kernels() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("kernels"))) {
            return files.filter(file -> file.toString().endsWith(".cu")).sorted().toList();
        }
    }

    /** Every check fires on a trial kernel or call that breaks the rule. */
    @Test
    void theSimulatedGpusSelfTestPasses() throws IOException, InterruptedException {
        Result result = run("bash", "native/build.sh", "--test", folder.toString());
        Assumptions.assumeTrue(result.code != NO_COMPILER, "no C++ compiler: " + result.output);
        assertEquals(0, result.code, result.output);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void nvccTakesEachKernelAlone(Path kernel) throws IOException, InterruptedException {
        Result result;
        try {
            result = run("nvcc", "-arch=sm_90", "-Ikernels", "-cubin", "-Werror", "all-warnings", "-o",
                    folder.resolve("kernel.cubin").toString(), kernel.toString());
        } catch (IOException e) {
            Assumptions.abort("nvcc is not here: " + e.getMessage());
            return;
        }
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
