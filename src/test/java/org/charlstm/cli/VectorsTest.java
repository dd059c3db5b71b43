package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.charlstm.InProcesses;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The processor on vectors narrower than this machine's, and without the module that has them. */
@InProcesses
class VectorsTest {
    @TempDir
    private Path folder;

    private record Result(int code, String out, List<String> errors) {
    }

    private Result run(List<String> flags, Object... arguments) throws IOException, InterruptedException {
        try (Jvm jvm = new Jvm(folder, null, flags, System.getProperty("java.class.path"), List.of(arguments))) {
            String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(jvm.process().waitFor(), out, jvm.errors());
        }
    }

    /** As on processors with AVX2 alone, and with SSE or NEON. The machine's own width has a test in this process. */
    @ParameterizedTest
    @ValueSource(ints = {32, 16})
    void narrowerVectorsComputeTheSame(int bytes) throws IOException, InterruptedException {
        Assumptions.assumeTrue(bytes < FloatVector.SPECIES_PREFERRED.vectorByteSize(), "not narrower here");
        Result result = run(List.of("-XX:MaxVectorSize=" + bytes, "--add-modules", "jdk.incubator.vector"), "selftest",
                "--device", "cpu");
        assertEquals(0, result.code, result.out + result.errors);
        assertTrue(result.out.contains(", " + 8 * bytes + "-bit vectors, "), result.out);
    }

    @Test
    void withoutTheModuleItRunsAndNamesTheFlag() throws IOException, InterruptedException {
        Result trained = run(List.of(), "train", "--max-samples", 4, "--epochs", 1, "--hidden", 4, "--out", "run");
        assertEquals(0, trained.code, trained.out + trained.errors);
        assertTrue(trained.out.contains("device reference: ")
                && trained.out.contains("--add-modules jdk.incubator.vector"), trained.out);
        Result sampled = run(List.of(), "sample", "run");
        assertEquals(0, sampled.code, sampled.toString());
        assertEquals(1, sampled.errors.size(), sampled.toString());
        assertTrue(sampled.errors.getFirst().startsWith("charlstm: computing on reference: ")
                && sampled.errors.getFirst().contains("--add-modules jdk.incubator.vector"), sampled.toString());
    }

    /** A program of the library's user. */
    static final class Program {
        private Program() {
        }

        public static void main(String[] names) {
            Stream.of(names).forEach(name -> Devices.open(name, DeviceOptions.DEFAULT).close());
        }
    }

    /** Where nobody prints why the device was taken; what is asked for by name is worth no warning. */
    @Test
    void withoutTheModuleTheLibraryWarnsOfIt() throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        for (boolean without : List.of(true, false)) {
            List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                    .toString(), "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
            line.addAll(without ? List.of() : List.of("--add-modules", "jdk.incubator.vector"));
            line.addAll(List.of(Program.class.getName(), "auto", "reference"));
            assertEquals(0, new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile()).start()
                    .waitFor());
            List<String> warnings = Files.readAllLines(log).stream().filter(said -> said.contains("computing on"))
                    .toList();
            assertEquals(without ? 1 : 0, warnings.size(), warnings.toString());
            assertTrue(warnings.stream().allMatch(said -> said.startsWith("WARNING: computing on reference: ")
                    && said.contains("--add-modules jdk.incubator.vector")), warnings.toString());
        }
    }
}
