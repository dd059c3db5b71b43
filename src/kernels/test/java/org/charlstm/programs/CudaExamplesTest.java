package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The README's kernel and the examples of the kernel library, with its one jar and the simulated GPU's: through both
 * bindings, on class path and module path, and in a Java of jlink's that has nothing but them.
 */
@Tag("long")
@Needs({Need.SIMULATED_GPU, Need.NVCC, Need.JCUDA})
@Tag("outside")
public class CudaExamplesTest {
    /** The README's program, and examples that need a GPU. */
    public static final List<String> PROGRAMS = List.of("Readme", "LaunchKernel", "MultiplyMatrices", "CudnnLstm",
            "WithJCuda");

    /** The library, the simulated GPU, and JCuda. */
    private static final String LIBRARY = "(charlstm-cuda|jcu).*";

    @TempDir
    private static Path folder;

    @BeforeAll
    static void compile() throws IOException {
        List<Path> sources = new ArrayList<>(List.of(Files.writeString(folder.resolve("Readme.java"),
                program(Path.of("README.md")))));
        PROGRAMS.stream().skip(1).map(name -> Path.of("examples", name + ".java")).forEach(sources::add);
        Files.copy(Path.of("examples", "saxpy.cu"), folder.resolve("saxpy.cu"));
        compile(folder, sources, jars("(charlstm-cuda|jcuda)-.*"));
    }

    @ParameterizedTest
    @CsvSource({"panama, false", "jcuda, false", "panama, true", "jcuda, true"})
    @Sampled(every = 4)
    void doWhatTheySay(String binding, boolean modules) throws IOException, InterruptedException {
        Map<String, String> said = run(binding, modules);
        assertEquals("[12.0, 24.0, 36.0]\n", said.get("Readme"));
        assertEquals("""
                On charlstm simulated GPU, compute capability 9.0, 8.0 GiB:
                saxpy(int n, float a, const float* x, float* y) with a = 2 gives [1.0, 3.0, 5.0, 7.0]
                and three times more with a = 0.5 [1.0, 4.5, 8.0, 11.5]
                The three took some time by the GPU's clock.
                """, said.get("LaunchKernel"));
        assertEquals("""
                a b = [4.0, 5.0, 10.0, 11.0]
                10 a a' - a b = [136.0, 315.0, 310.0, 759.0]
                sums of pairs = [3.0, 7.0, 11.0]
                in half precision = [0.14000489, 0.32001466, 0.32001466, 0.7700391]
                """, said.get("MultiplyMatrices"));
        assertEquals("""
                LSTM: 176 weights, loss 0.319; the gradient of W_i's first is -0.035, as differences say
                GRU: 252 weights, loss 0.221; the gradient of W_r's first is 0.001, as differences say
                """, said.get("CudnnLstm"));
        assertEquals("""
                JCuda reads [12.0, 24.0, 36.0, 48.0]
                JCuda has filled [0.5, 0.5, 0.5, 0.5]
                """, said.get("WithJCuda"));
    }

    /** The output of each program. */
    private static Map<String, String> run(String binding, boolean modules) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString()));
        String here = folder + File.pathSeparator + Path.of("target", "cuda", "test-classes").toAbsolutePath();
        command.addAll(modules
                ? List.of("-p", jars(LIBRARY), "--add-modules", "org.charlstm.cuda,jcuda,jcublas,jcudnn",
                        "--enable-native-access=org.charlstm.cuda,jcuda,jcublas,jcudnn", "-cp", here)
                : List.of("--enable-native-access=ALL-UNNAMED", "-cp", here + File.pathSeparator + jars(LIBRARY)));
        command.add(Programs.class.getName());
        command.addAll(PROGRAMS);
        String text = start(command, binding);
        assertEquals(1, text.lines().filter(line -> line.startsWith(SimulatedGpu.BY_NVIDIAS)).count(), text);
        text = text.replaceFirst(Pattern.quote(SimulatedGpu.BY_NVIDIAS) + ".*\n", "");
        Map<String, String> said = new LinkedHashMap<>();
        for (String part : text.split(Pattern.quote(Programs.MARK), -1)) {
            int end = part.indexOf('\n');
            if (end >= 0) {
                said.put(part.substring(0, end), part.substring(end + 1));
            }
        }
        return said;
    }

    private static String start(List<String> command, String binding) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        process.environment().put("CHARLSTM_GPU", "simulated");
        process.environment().put("CHARLSTM_BINDING", binding);
        process.environment().put("CHARLSTM_SIM", Path.of("target", "native").toAbsolutePath().toString());
        int code = process.start().waitFor();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertEquals(0, code, text);
        return text;
    }

    @Test
    @Needs(Need.JLINK)
    void aJavaOfTheLibraryAloneLaunchesKernels() throws IOException, InterruptedException {
        Path image = folder.resolve("image");
        ToolProvider jlink = ToolProvider.findFirst("jlink").orElseThrow();
        StringWriter found = new StringWriter();
        PrintWriter said = new PrintWriter(found);
        assertEquals(0, jlink.run(said, said, "-p", jars("charlstm-cuda.*"), "--add-modules",
                "org.charlstm.cuda,org.charlstm.cudasim", "--output", image.toString()), found::toString);
        assertEquals(List.of("java.base", "org.charlstm.cuda", "org.charlstm.cudasim"),
                start(List.of(image.resolve("bin").resolve("java").toString(), "--list-modules"), "panama").lines()
                        .map(line -> line.replaceFirst("@.*", "")).toList());
        assertTrue(start(List.of(image.resolve("bin").resolve("java").toString(),
                "--enable-native-access=org.charlstm.cuda", "--add-modules", "org.charlstm.cuda", "-cp",
                folder.toString(), "Readme"), "panama").endsWith("[12.0, 24.0, 36.0]\n"));
    }

    /** Of the first page of src/kernels: on the class path, on the module path, and in a Java that has no more. */
    @ParameterizedTest
    @ValueSource(strings = {"class path", "module path", "jlink"})
    @Sampled(every = 3)
    @Needs(Need.JLINK)
    void aProgramOfOperationsNeedsTheirModuleAlone(String way) throws IOException, InterruptedException {
        Path jar = Path.of("target", "operations", "charlstm-kernels.jar").toAbsolutePath();
        String all = jar + File.pathSeparator + jars("(charlstm-cuda|jspecify).*");
        Path place = Files.createDirectories(folder.resolve("operations"));
        compile(place, List.of(Files.writeString(place.resolve("Predict.java"),
                program(Path.of("src", "kernels", "README.md")))), all);
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = new ArrayList<>();
        if (way.equals("jlink")) {
            Path image = folder.resolve("image of operations");
            StringWriter found = new StringWriter();
            PrintWriter said = new PrintWriter(found);
            assertEquals(0, ToolProvider.findFirst("jlink").orElseThrow().run(said, said, "-p", all,
                    "--add-modules", "org.charlstm.kernels,org.charlstm.cudasim", "--output", image.toString()),
                    found::toString);
            java = image.resolve("bin").resolve("java");
            assertEquals(List.of("java.base", "jdk.incubator.vector",
                    "org.charlstm.cuda", "org.charlstm.cudasim", "org.charlstm.kernels"),
                    start(List.of(java.toString(), "--list-modules"), "panama").lines()
                            .filter(line -> !line.startsWith("WARNING"))
                            .map(line -> line.replaceFirst("@.*", "")).toList());
        }
        command.add(java.toString());
        command.addAll(way.equals("class path")
                ? List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "-cp",
                        place + File.pathSeparator + all)
                : List.of("--add-modules", "org.charlstm.kernels", "--enable-native-access=org.charlstm.cuda", "-cp",
                        place.toString()));
        if (way.equals("module path")) {
            command.addAll(List.of("-p", all));
        }
        command.add("Predict");
        String page = Files.readString(Path.of("src", "kernels", "README.md"));
        List<String> said = start(command, "panama").lines().filter(line -> line.startsWith("update")).toList();
        assertEquals(2, said.size(), said::toString);
        said.forEach(line -> assertTrue(page.contains("`" + line + "`"), line));
    }

    /** The first program that a page shows. */
    private static String program(Path page) throws IOException {
        Matcher program = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(page));
        assertTrue(program.find(), page + " shows no Java program");
        return program.group(1);
    }

    private static void compile(Path place, List<Path> sources, String classPath) throws IOException {
        JavaCompiler compiler = javax.tools.ToolProvider.getSystemJavaCompiler();
        StringWriter found = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertTrue(compiler.getTask(found, files, null, List.of("-Xlint:all", "-Werror", "-d", place.toString(),
                    "-cp", classPath), null, files.getJavaFileObjectsFromPaths(sources)).call(), found::toString);
        }
    }

    /** The jars of some names, as a path. */
    private static String jars(String names) throws IOException {
        try (Stream<Path> jars = Files.list(Path.of("target", "operations", "lib"))) {
            return jars.filter(jar -> jar.getFileName().toString().matches(names))
                    .map(jar -> jar.toAbsolutePath().toString()).sorted()
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }
}
