package org.charlstm.programs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Array;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.circle.Circle;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Installed;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Kernels as anybody writes them, with CUDA's headers, compiled by nvcc: what they compute on the simulated GPU as
 * three architectures, and the mistakes that it finds in them.
 */
@Tag("long")
@Timeout(300)
@Needs({Need.SIMULATED_GPU, Need.NVCC})
@Tag("outside")
@Sampled
class ForeignProgramsTest {
    private static final Path SOURCES = Path.of("native", "test", "resources", "programs").toAbsolutePath();
    private static final String SAID = "charlstm sim: ";

    @TempDir
    private static Path folder;

    /** Fat binaries with PTX alone, of which the driver takes the newest that the card knows. */
    @BeforeAll
    static void compile() throws IOException {
        List<Path> sources;
        try (Stream<Path> files = Files.list(SOURCES)) {
            sources = files.toList();
        }
        assertTrue(sources.size() > 5, sources::toString);
        sources.parallelStream().forEach(source -> {
            List<String> command = new ArrayList<>(List.of(Installed.named("nvcc").toString(), "-std=c++17",
                    "-lineinfo", "-fatbin", "-o", fatBinary(source.getFileName().toString().replace(".cu", ""))
                            .toString()));
            for (int architecture : capabilities()) {
                command.addAll(List.of("-gencode", "arch=compute_" + architecture + ",code=compute_" + architecture));
            }
            // Its name, as it is here, is in what a failed assertion says.
            command.add(source.getFileName().toString());
            run(command, SOURCES);
        });
    }

    /** The first circle takes one. */
    static List<Integer> capabilities() {
        return Circle.first() ? List.of(90) : List.of(75, 90, 120);
    }

    @AfterEach
    void back() {
        SimulatedGpu.set("CHARLSTM_SIM_CAPABILITY", null);
        SimulatedGpu.set("CHARLSTM_SIM_ORDERS", "one");
    }

    private static Cuda gpu(int capability) {
        SimulatedGpu.set("CHARLSTM_SIM_CAPABILITY", String.valueOf(10 * capability));
        SimulatedGpu.set("CHARLSTM_SIM_ORDERS", "all");
        return Gpus.open("panama");
    }

    @ParameterizedTest
    @MethodSource("capabilities")
    void computeWhatAProcessorComputes(int capability) throws IOException {
        List<String> objections = new ArrayList<>();
        for (Launch launch : ofCharlstm(Launches.all(), capability)) {
            try (Cuda gpu = gpu(capability)) {
                objections.addAll(run(gpu, launch));
            }
        }
        assertEquals(List.of(), objections);
    }

    @ParameterizedTest
    @MethodSource("capabilities")
    void mistakesAreFoundAndNamed(int capability) {
        List<Launch> launches = ofCharlstm(Mistakes.all(), capability);
        List<String> wanted = new ArrayList<>();
        List<String> found = new ArrayList<>();
        for (Launch launch : launches) {
            wanted.add(String.join(": ", launch.finding()));
            CudaException e = assertThrows(CudaException.class, () -> {
                try (Cuda gpu = gpu(capability)) {
                    run(gpu, launch);
                }
            }, launch.kernel());
            found.add(Launch.plain(e.statusName() + ": " + e.getMessage().replaceFirst("^.*?(?=kernel )", "")
                    .replaceFirst("\\)(; [^()]*)?$", "")));
        }
        assertEquals(String.join("\n", wanted), String.join("\n", found));
    }

    /** At its launch; other kernels of its module run. */
    @Test
    void whatIsNotSimulatedIsRefusedByName() throws IOException {
        try (Cuda gpu = gpu(90);
                CudaModule module = gpu.load(fatBinary("refused"));
                CudaBuffer y = gpu.allocate(CudaType.INT32, 1)) {
            CudaException e = assertThrows(CudaException.class,
                    () -> module.kernel("refused").launch(Grid.of(1, 32), y));
            assertTrue(e.getMessage().matches(".*CUDA_ERROR_NOT_SUPPORTED.*a launch of refused: the instruction "
                    + "vmad\\.s32\\.s32\\.s32 is not simulated, PTX line [0-9]+ \\(refused\\.cu:3\\).*"),
                    e.getMessage());
            module.kernel("beside").launch(Grid.of(1, 1), y);
            assertEquals(2, y.toInts()[0]);
        }
    }

    /** All in one process, which has no class of charlstm's. */
    @Test
    @Needs(Need.JCUDA)
    void throughJcudaAloneToo() throws IOException {
        List<String> said = run(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + folder, "-cp",
                jcuda(), JcudaLaunches.class.getName(), folder.toString()), folder);
        List<String> wanted = new ArrayList<>(List.of(SAID + "own kernels run as PTX by nvcc, or whatever made it: a "
                + "card's machine code and speed are not shown"));
        for (Launch launch : Launches.all()) {
            if (launch.runsThroughJcuda()) {
                if (launch.kernel().equals("tell")) {
                    wanted.add("block 0 of 2:  1.75 words 1099511627776 x");
                    wanted.add("block 1 of 2:  1.75 words 1099511627776 x");
                }
                wanted.add(launch.kernel() + ": right");
            }
        }
        List<Launch> mistakes = Mistakes.all().stream().filter(Launch::runsThroughJcuda).toList();
        for (Launch launch : mistakes) {
            wanted.add(SAID + launch.finding().getLast());
            wanted.add(launch.kernel() + ": " + launch.finding().getFirst());
        }
        wanted.add(SAID + mistakes.size() + " errors ended work of this process, the first in race_in_histogram at "
                + "PTX line N (mistakes.cu:8) [race]: trust no result of it");
        assertEquals(String.join("\n", wanted),
                said.stream().map(Launch::plain).collect(Collectors.joining("\n")));
    }

    private static List<Launch> ofCharlstm(List<Launch> launches, int capability) {
        return launches.stream().filter(launch -> launch.runsThroughCharlstm() && launch.oldest() <= capability)
                .toList();
    }

    private static Path fatBinary(String name) {
        return folder.resolve(name + ".fatbin");
    }

    private static List<String> run(Cuda gpu, Launch launch) throws IOException {
        List<String> objections = new ArrayList<>();
        TreeMap<Integer, CudaBuffer> buffers = new TreeMap<>();
        try (CudaModule module = gpu.load(fatBinary(launch.file()))) {
            Object[] arguments = launch.arguments().toArray();
            for (int i = 0; i < arguments.length; i++) {
                if (arguments[i].getClass().isArray()) {
                    buffers.put(i, buffer(gpu, arguments[i]));
                    arguments[i] = buffers.get(i);
                }
            }
            Grid grid = Grid.of(1, 1).blocks(launch.blocks().get(0), launch.blocks().get(1), 1)
                    .threads(launch.threads().get(0), launch.threads().get(1), 1).shared(launch.shared());
            module.kernel(launch.kernel()).launch(launch.cluster() > 0 ? grid.cluster(launch.cluster(), 1, 1) : grid,
                    arguments);
            gpu.synchronize();
            for (int i : launch.results().keySet()) {
                objections.add(launch.objection(i, content(buffers.get(i), launch.arguments().get(i))));
            }
        } finally {
            buffers.values().forEach(CudaBuffer::close);
        }
        return objections.stream().filter(objection -> !objection.isEmpty()).toList();
    }

    private static CudaBuffer buffer(Cuda gpu, Object array) {
        return switch (array) {
            case float[] values -> gpu.floats(values);
            case double[] values -> gpu.doubles(values);
            case int[] values -> gpu.ints(values);
            case short[] bits -> {
                CudaBuffer buffer = gpu.allocate(CudaType.FLOAT16, bits.length);
                buffer.write(bits);
                yield buffer;
            }
            default -> throw new IllegalArgumentException(array.toString());
        };
    }

    private static Object content(CudaBuffer buffer, Object like) {
        Object content = Array.newInstance(like.getClass().getComponentType(), Array.getLength(like));
        switch (content) {
            case float[] values -> buffer.read(values);
            case double[] values -> buffer.read(values);
            case int[] values -> buffer.read(values);
            case short[] values -> buffer.read(values);
            default -> throw new IllegalArgumentException(like.toString());
        }
        return content;
    }

    /** JCuda's own and the tests', of all that this process has. */
    private static String jcuda() {
        String tests = Path.of(URI.create(JcudaLaunches.class.getProtectionDomain().getCodeSource().getLocation()
                .toString())).toString();
        return Stream.concat(Stream.of(tests), Stream.of(System.getProperty("java.class.path")
                .split(File.pathSeparator)).filter(path -> Path.of(path).getFileName().toString().startsWith("jcuda-")))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static List<String> run(List<String> command, Path where) {
        try {
            Path output = Files.createTempFile(folder, "output", "");
            ProcessBuilder process = new ProcessBuilder(command).directory(where.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            process.environment().put("LD_LIBRARY_PATH", Path.of("target", "native").toAbsolutePath().toString());
            process.environment().put("CHARLSTM_SIM_ORDERS", "all");
            int code = process.start().waitFor();
            List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
            assertEquals(0, code, () -> String.join("\n", lines));
            return lines;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
