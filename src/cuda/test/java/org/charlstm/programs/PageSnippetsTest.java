package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.circle.Sampled;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The Java texts of docs/kernels.md stand in a program, which does what the page says, through both bindings. So does
 * the program of docs/jcuda-samples.md.
 */
@InProcesses
@Timeout(300)
@Needs({Need.SIMULATED_GPU, Need.JCUDA, Need.JAVAC})
class PageSnippetsTest {
    private static final Path PROGRAMS = Path.of("src", "cuda", "test", "resources", "page");
    private static final Path PROGRAM = PROGRAMS.resolve("KernelsPage.java");
    private static final Path SAMPLES = PROGRAMS.resolve("JcudaSamples.java");
    private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final String STREAMS = "streams: [6.0, 9.0, 12.0] [22.0, 37.0, 52.0] 1";
    private static final List<String> PORTS = List.of("vectorAdd: passed",
            "deviceQuery: 90, 4 multiprocessors, 1024 threads a block", "reduction: sum 5000.0", "graph: each is 21.0",
            "rows: [0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32]", "hostFunction: 3 calls",
            "unifiedMemory: result 285.0",
            "batch: [19.0, 22.0, 43.0, 50.0], [23.0, 34.0, 31.0, 46.0]", "pointerModes: 32.0, 32.0",
            "loweredNames: [10, 20, 4, 8]",
            "products: [39.0, 45.0, 87.0, 101.0], of halves [7.0, 10.0, 15.0, 22.0]", "constantMemory: passed");
    private static final List<String> SAXPY = List.of("[12.0, 24.0, 36.0]", "[12.5, 25.0, 37.5]");

    @TempDir
    private static Path folder;

    @BeforeAll
    static void compile() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter found = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertTrue(compiler.getTask(found, files, null, List.of("-Xlint:all,-path,-classfile", "-Werror", "-d",
                    folder.toString()), null, files.getJavaFileObjects(PROGRAM, SAMPLES)).call(), found::toString);
        }
    }

    @Test
    void theProgramHasEachOfThem() throws IOException {
        List<String> program = lines(Files.readString(PROGRAM));
        List<String> snippets = SNIPPET.matcher(Files.readString(Path.of("docs", "kernels.md"))).results()
                .map(found -> found.group(1)).toList();
        assertTrue(snippets.size() > 5);
        for (String snippet : snippets) {
            List<String> lines = new ArrayList<>(lines(snippet));
            // In the program more follows before the ends of its blocks.
            while (lines.getLast().equals("}")) {
                lines.removeLast();
            }
            assertTrue(Collections.indexOfSubList(program, lines) >= 0, snippet);
        }
    }

    private static List<String> lines(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    @Needs(Need.NVCC)
    @Sampled(every = 2)
    void itDoesWhatThePageSays(String binding) throws IOException, InterruptedException {
        assertEquals(Stream.concat(SAXPY.stream(), Stream.of("arguments: [7, 23, 39]",
                "variables: [1.0, 6.0, 17.0]", "names: [15.0]", "memory: [1.0, 0.0, 0.0, 4.0]",
                "kinds: [2.0, 5.0] true", STREAMS,
                "grid: [2, 4, 6, 8] true",
                "foreign: [3.0, 5.0, 7.0]",
                "products: [4.0, 5.0, 10.0, 11.0] [3.0, 3.0, 3.0, 3.0]",
                "vectors: [2.0, 1.0, 4.0, 3.0] [3.0, 4.0, 1.0, 2.0] [11.0, 24.0]", "epilogue: [0.0, 1.5, 1.0, 3.5]",
                "network: 4 x 4, up",
                "sequences: 8 rows of 8", "threads: 3 clients",
                "ranges: done")).toList(),
                run(binding, "nvcc", "KernelsPage", List.of("arguments", "variables", "names", "memory", "kinds",
                        "streams", "grid", "foreign", "products", "vectors", "epilogue", "network", "sequences",
                        "threads", "ranges")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    @Needs(Need.NVRTC)
    void andAllOfItByNvidiasNvrtc(String binding) throws IOException, InterruptedException {
        assertEquals(Stream.concat(SAXPY.stream(), Stream.of("arguments: [7, 23, 39]",
                "variables: [1.0, 6.0, 17.0]", "names: [15.0]", STREAMS))
                .toList(),
                run(binding, System.getenv("CHARLSTM_LIBNVRTC"), "KernelsPage", List.of("arguments",
                        "variables", "names", "streams")));
    }

    @Test
    void thePageOfSamplesHasEachPort() throws IOException {
        String page = Files.readString(Path.of("docs", "jcuda-samples.md"));
        List<String> ports = Pattern.compile("case \"(\\w+)\"").matcher(Files.readString(SAMPLES)).results()
                .map(found -> found.group(1)).toList();
        assertTrue(ports.size() > 5);
        ports.forEach(port -> assertTrue(page.contains("| `" + port + "`: "), port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    @Needs(Need.NVCC)
    @Sampled(every = 2)
    void samplesRunFromATextByNvcc(String binding) throws IOException, InterruptedException {
        assertEquals(PORTS, samples(binding, "nvcc", PROGRAMS.resolve("samples.cu"), PORTS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    @Needs(Need.NVCC)
    @Sampled(every = 2)
    void andFromPtx(String binding) throws IOException, InterruptedException {
        Path ptx = folder.resolve("samples.ptx");
        assertEquals(0, new ProcessBuilder(Installed.named("nvcc").toString(), "-ptx", "-arch=compute_75", "-o",
                ptx.toString(), PROGRAMS.resolve("samples.cu").toString()).start().waitFor());
        assertEquals(PORTS, samples(binding, "nvcc", ptx, PORTS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"panama", "jcuda"})
    @Needs(Need.NVRTC)
    void andByNvidiasNvrtc(String binding) throws IOException, InterruptedException {
        assertEquals(PORTS,
                samples(binding, System.getenv("CHARLSTM_LIBNVRTC"), PROGRAMS.resolve("samples.cu"), PORTS));
    }

    private static List<String> samples(String binding, String nvrtc, Path kernels, List<String> ports)
            throws IOException, InterruptedException {
        return run(binding, nvrtc, "JcudaSamples", Stream.concat(Stream.of(kernels.toAbsolutePath().toString()),
                ports.stream().map(port -> port.substring(0, port.indexOf(':')))).toList());
    }

    private static List<String> run(String binding, String nvrtc, String program, List<String> parts)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                folder + File.pathSeparator + absolute(System.getProperty("java.class.path")), program));
        command.addAll(parts);
        Path output = folder.resolve("output");
        ProcessBuilder process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        process.environment().put("CHARLSTM_GPU", "simulated");
        process.environment().put("CHARLSTM_BINDING", binding);
        process.environment().put("CHARLSTM_SIM_NVRTC", nvrtc);
        int code = process.start().waitFor();
        List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertEquals(0, code, lines::toString);
        return lines.stream().filter(line -> !line.startsWith("charlstm sim: own kernels run as ")).toList();
    }

    private static String absolute(String path) {
        return Stream.of(path.split(File.pathSeparator)).map(each -> Path.of(each).toAbsolutePath().toString())
                .reduce((first, second) -> first + File.pathSeparator + second).orElseThrow();
    }
}
