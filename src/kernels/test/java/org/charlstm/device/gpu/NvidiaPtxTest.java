package org.charlstm.device.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaModule;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.Grid;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.binding.KernelCompiler;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kernels that NVIDIA's own NVRTC compiles, handed on by the simulated one, on the simulated GPU: run by
 * {@code .ci/nvidia}.
 */
@Needs({Need.SIMULATED_GPU, Need.NVRTC})
@Tag("long")
class NvidiaPtxTest {
    private static final String SETTING = "CHARLSTM_SIM_NVRTC";
    private static final Pattern IMAGE = Pattern.compile("charlstm simulated CUBIN\nsealed .*\nptx ([0-9]+)\n");

    @TempDir
    private Path folder;

    @BeforeEach
    void handOn() {
        SimulatedGpu.set(SETTING, System.getenv("CHARLSTM_LIBNVRTC"));
    }

    @AfterEach
    void back() {
        SimulatedGpu.set(SETTING, System.getenv(SETTING));
    }

    @Test
    void everyKernelComputesTheSame() throws IOException {
        Path newer = made(90);
        PtxCases.requireSame(newer, 90, true);
        PtxCases.requireOlderSame(made(75), 75, newer);
    }

    /** A folder with the PTX of all kernels. */
    private Path made(int capability) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("kernels"))) {
            files.filter(file -> file.toString().matches(".*\\.(cu|h)")).forEach(file -> {
                String name = file.getFileName().toString();
                (name.endsWith(".h") ? headers : texts).put(name, text(file));
            });
        }
        Path made = Files.createDirectory(folder.resolve("sm_" + capability));
        KernelCompiler compiler = KernelCompiler.of(Gpus.libraries("panama"), capability);
        for (Kernel kernel : Kernel.values()) {
            String name = kernel.entry() + ".cu";
            CudaSource source = new CudaSource(name, texts.get(name), headers, List.of(), List.of());
            byte[] image = compiler.compile(source).image();
            Matcher start = IMAGE.matcher(new String(image, StandardCharsets.ISO_8859_1));
            assertTrue(start.lookingAt(), kernel + " is no PTX");
            Files.write(made.resolve(kernel.entry() + ".ptx"), List.of(new String(image, start.end(),
                    Integer.parseInt(start.group(1)), StandardCharsets.UTF_8)));
        }
        return made;
    }

    /** With inline PTX, which the C++ compiler cannot do. */
    @Test
    void aProgramsOwnTextIsCompiledByIt() {
        String text = """
                extern "C" __global__ void lanes(int n, int* y) {
                  asm volatile("mov.u32 %0, %%laneid;" : "=r"(y[threadIdx.x]));
                  y[threadIdx.x] += n;
                }
                """;
        try (Cuda gpu = Gpus.open("panama");
                CudaModule module = gpu.compile(CudaSource.of("lanes.cu", text));
                CudaBuffer y = gpu.ints(0, 0, 0)) {
            module.kernel("lanes").launch(Grid.of(1, 3), 10, y);
            assertEquals("[10, 11, 12]", Arrays.toString(y.toInts()));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
