package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.charlstm.circle.Sampled;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Programs with their own main, of two files, which nvcc builds unchanged: on CUDA's runtime of the simulated GPU. */
@Tag("long")
@Timeout(300)
@Needs({Need.SIMULATED_GPU, Need.NVCC})
@Tag("outside")
class RuntimeProgramsTest {
    private static final Path SOURCES = Path.of("native", "test", "resources", "runtime").toAbsolutePath();
    private static final Path SIMULATED = Path.of("target", "native").toAbsolutePath();

    @TempDir
    private Path folder;

    /** With the shared runtime by a variable, with the static one in a place that comes first; null is a stream too. */
    @ParameterizedTest
    @CsvSource({"-cudart shared, legacy", "-L, legacy", "-cudart shared, per-thread"})
    @Sampled(every = 3)
    void runAsTheyAre(String how, String nullStream) throws IOException, InterruptedException {
        String program = folder.resolve("program").toString();
        List<String> command = new ArrayList<>(List.of(Installed.named("nvcc").toString(), "-std=c++17", "-rdc=true",
                "-arch=compute_75", "--default-stream", nullStream, "-o", program,
                SOURCES.resolve("chevrons.cu").toString(), SOURCES.resolve("other_file.cu").toString()));
        run(command, Map.of("NVCC_APPEND_FLAGS", how.equals("-L") ? "-L " + SIMULATED : how));
        List<String> said = run(List.of(program), Map.of("LD_LIBRARY_PATH", SIMULATED.toString(),
                "CHARLSTM_SIM_ORDERS", "all"));
        assertTrue(said.removeIf(line -> line.startsWith("charlstm sim: own kernels run as PTX")), said::toString);
        // Two launches that the program has refused.
        assertTrue(said.removeIf(line -> line.startsWith("charlstm sim: a launch of ")), said::toString);
        assertEquals(List.of("right"), said);
    }

    private List<String> run(List<String> command, Map<String, String> variables)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "output", "");
        ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        process.environment().putAll(variables);
        int code = process.start().waitFor();
        List<String> lines = new ArrayList<>(Files.readAllLines(output));
        assertEquals(0, code, () -> String.join("\n", lines));
        return lines;
    }
}
