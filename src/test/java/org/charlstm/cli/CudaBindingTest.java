package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --cuda-binding} where one binding or the other lacks something, in processes of their own. */
@InProcesses
@Needs(Need.SIMULATED_GPU)
class CudaBindingTest {
    private static final Path NATIVE = Path.of("target", "native").toAbsolutePath();
    private static final String CLASS_PATH = System.getProperty("java.class.path");

    @TempDir
    private Path folder;

    private record Result(int code, String out, List<String> errors) {
    }

    private Result run(Map<String, String> environment, String classPath, Object... arguments)
            throws IOException, InterruptedException {
        try (Jvm jvm = new Jvm(folder, environment, Jvm.VECTORS, classPath, List.of(arguments))) {
            String out = new String(jvm.process().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Result(jvm.process().waitFor(), out, jvm.errors());
        }
    }

    /** The simulated GPU's libraries but some. */
    private Map<String, String> without(String... names) throws IOException {
        Path libraries = Files.createDirectory(folder.resolve("libraries"));
        try (var files = Files.list(NATIVE)) {
            for (Path file : files.toList()) {
                if (!Arrays.asList(names).contains(file.getFileName().toString())) {
                    Files.copy(file, libraries.resolve(file.getFileName()));
                }
            }
        }
        return Map.of("CHARLSTM_SIM", libraries.toString(), "CHARLSTM_LIBCUDA", "/nonexistent", "CHARLSTM_CACHE",
                folder.resolve("cache").toString());
    }

    /** A library of the name that cuDNN asks for, without the functions that are called. */
    private void makeEmpty(String soname) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("g++", "-shared", "-Wl,-soname," + soname, "-x", "c++", "/dev/null", "-o",
                folder.resolve("libraries").resolve(soname).toString()).inheritIO().start().waitFor());
    }

    private static Object[] training(String binding) {
        return new Object[] {"train", "--device", "cudasim", "--cuda-binding", binding, "--max-samples", 4, "--epochs",
            1, "--hidden", 4, "--dense", 4, "--batch-size", 2, "--out", "run", "--force"};
    }

    private static void requireLine(Result result, String pattern) {
        assertTrue(result.out.lines().anyMatch(line -> line.matches(pattern)),
                () -> pattern + " is not in\n" + result.out + result.errors);
    }

    private static void requireFailure(Result result, String pattern) {
        assertEquals(1, result.code, result.toString());
        assertEquals(1, result.errors.size(), result.toString());
        assertTrue(result.errors.getFirst().matches(pattern), result.errors.getFirst());
    }

    @Test
    void whereBothServeAutoTakesPanama() throws IOException, InterruptedException {
        Map<String, String> environment =
                Map.of("CHARLSTM_SIM", NATIVE.toString(), "CHARLSTM_CACHE", folder.resolve("cache").toString());
        Result doctor = run(environment, CLASS_PATH, "doctor", "--cuda-binding", "jcuda");
        requireLine(doctor, "  panama +serves, with cuBLAS 13.0.2");
        requireLine(doctor, "  jcuda +serves, with cuBLAS 12.6.0");
        requireLine(run(environment, CLASS_PATH, training("auto")), "training on cudasim .*, through panama\\).*");
        requireLine(run(environment, CLASS_PATH, training("jcuda")), "training on cudasim .*, through jcuda\\).*");
    }

    @Test
    void withCuda13AloneJcudaLacksItsCublas() throws IOException, InterruptedException {
        Map<String, String> environment = without("libcublas.so.12");
        requireLine(run(environment, CLASS_PATH, "doctor"), "cudasim: here; .*");
        Result doctor = run(environment, CLASS_PATH, "doctor", "--cuda-binding", "jcuda");
        requireLine(doctor, "cudasim: not here");
        requireLine(doctor, "  panama +serves, with cuBLAS 13.0.2");
        requireLine(doctor, "  jcuda +missing: JCuda 12.6 asks for libcublas.so.12: .*libcublas.so.12 does not exist");
        requireFailure(run(environment, CLASS_PATH, training("jcuda")),
                "charlstm: device 'cudasim' is not here: JCuda 12.6 asks for libcublas.so.12: .*");
    }

    @Test
    @Needs({Need.GXX, Need.JCUDA})
    void whatPanamaCannotUseJcudaMay() throws IOException, InterruptedException {
        Map<String, String> environment = without("libcublas.so.13");
        makeEmpty("libcublas.so.13");
        requireLine(run(environment, CLASS_PATH, "doctor"), "  panama +missing: .*libcublas.so.13 lacks .*");
        requireLine(run(environment, CLASS_PATH, training("auto")), "training on cudasim .*, through jcuda\\).*");
    }

    @Test
    void anotherVersionByNameIsNotTakenForJcudas() throws IOException, InterruptedException {
        Result doctor = run(Map.of("CHARLSTM_LIBCUDA", NATIVE.resolve("libcuda.so.1").toString(), "CHARLSTM_LIBCUBLAS",
                NATIVE.resolve("libcublas.so.13").toString(), "CHARLSTM_LIBCUDNN",
                NATIVE.resolve("libcudnn.so.9").toString(), "CHARLSTM_CACHE", folder.resolve("cache").toString()),
                CLASS_PATH, "doctor", "--cuda-binding", "jcuda");
        requireLine(doctor, "  jcuda +missing: JCuda 12.6 asks for libcublas.so.12, and .*libcublas.so.13 is another "
                + "version");
    }

    @Test
    void withoutJcudasJarsAllElseWorks() throws IOException, InterruptedException {
        List<String> parts = new ArrayList<>(List.of(CLASS_PATH.split(File.pathSeparator)));
        assertTrue(parts.removeIf(part -> Path.of(part).getFileName().toString().matches("jcu.*\\.jar")));
        String bare = parts.stream().collect(Collectors.joining(File.pathSeparator));
        Map<String, String> environment = Map.of("CHARLSTM_SIM", NATIVE.toString());
        requireLine(run(environment, bare, "doctor", "--cuda-binding", "jcuda"),
                "  jcuda +missing: JCuda's jars are not on the class path, .*");
        requireLine(run(environment, bare, training("auto")), "training on cudasim .*, through panama\\).*");
        requireFailure(run(environment, bare, training("jcuda")),
                "charlstm: device 'cudasim' is not here: JCuda's jars are not on the class path, .*");
    }

    @Test
    void anUnknownBindingIsAWrongUsage() throws IOException {
        Tool tool = Tool.run("train", "--cuda-binding", "jni");
        assertEquals(2, tool.code());
        assertTrue(tool.err().startsWith("charlstm: --cuda-binding is 'jni'; there are auto, panama, jcuda"),
                tool.err());
    }
}
