package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;
import org.charlstm.cuda.CompilationException;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.panama.PanamaBinding;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.KernelImages;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel through NVIDIA's own NVRTC, which needs no GPU: run by {@code .ci/nvidia}. */
@Needs(Need.NVRTC)
class RealNvrtcTest {
    private static final int ELF = 0x7f454c46;
    private static final int MACHINE = 18;
    private static final int CUDA = 190;
    private static final int FORMAT = 8;
    private static final int CUDA_12 = 7;
    private static final int FLAGS = 48;
    /** The first NVRTC that does. */
    private static final int KNOWS_BLACKWELL = 12080;

    @TempDir
    private Path folder;
    private Nvrtc nvrtc;

    @BeforeEach
    void open() {
        nvrtc = new PanamaBinding().nvrtc(LibrarySearch.OF_MACHINE, List.of(13, 12));
    }

    @ParameterizedTest
    @ValueSource(ints = {75, 80, 86, 89, 90, 100, 120})
    void everyKernelBecomesMachineCodeAndIsKept(int capability) {
        assumeTrue(capability <= 90 || nvrtc.version() >= KNOWS_BLACKWELL, () -> "NVRTC "
                + CudaDriver.versionText(nvrtc.version()) + " is older than sm_" + capability);
        List<Kernel> kernels = kernels(capability);
        AtomicInteger compiled = new AtomicInteger();
        Nvrtc real = NvrtcOnce.of(nvrtc);
        FakeNvrtc once = (source, name, headers, options) -> {
            compiled.incrementAndGet();
            return real.compile(new CudaSource(name, source, headers, List.of(), List.of()), options).image();
        };
        KernelCache cache = new KernelCache(Optional.of(folder));
        KernelCompiler compiler =
                new KernelCompiler(once.at(nvrtc.place(), nvrtc::version), cache, capability, Map.of());
        for (Kernel kernel : kernels) {
            byte[] image = compiled(compiler, kernel);
            ByteBuffer header = ByteBuffer.wrap(image);
            assertEquals(ELF, header.getInt(0), kernel + " is no ELF file");
            assertEquals(CUDA, header.order(ByteOrder.LITTLE_ENDIAN).getShort(MACHINE), kernel + " is not for GPUs");
            String text = new String(image, StandardCharsets.ISO_8859_1);
            assertTrue(text.contains("\0.text." + kernel.entry() + "\0"), kernel + " has no such entry");
            assertEquals(capability, architecture(header), kernel + " is for another architecture");
        }
        for (Kernel kernel : kernels) {
            CudaSource source = KernelImages.Compiled.source(KernelImages.JarFiles.IN_JAR, kernel.entry());
            assertArrayEquals(cache.load(compiler.key(source)).orElseThrow(), compiled(compiler, kernel));
        }
        assertEquals(kernels.size(), compiled.get(), "a kernel is not taken from the disk");
    }

    /** Cards of 8.6 and 8.9 take the text of 8.0, and here a third of the kernels each. */
    private static List<Kernel> kernels(int capability) {
        List<Kernel> all = List.of(Kernel.values());
        int turn = List.of(86, 89).indexOf(capability);
        return turn < 0 ? all : IntStream.range(0, all.size()).filter(i -> i % 3 == turn).mapToObj(all::get).toList();
    }

    private static byte[] compiled(KernelCompiler compiler, Kernel kernel) {
        CudaSource source = KernelImages.Compiled.source(KernelImages.JarFiles.IN_JAR, kernel.entry());
        return compiler.compile(source).image();
    }

    /** Where CUDA 12 and CUDA 13 put it, whose files are of different formats. */
    private static int architecture(ByteBuffer header) {
        return header.getInt(FLAGS) >> (header.get(FORMAT) == CUDA_12 ? 0 : 8) & 0xff;
    }

    @Test
    void aBrokenKernelIsRefusedWithTheCompilersWords() {
        CompilationException e = assertThrows(CompilationException.class,
                () -> nvrtc.compile(new CudaSource("broken.cu",
                        "#include \"device.h\"\nextern \"C\" __global__ void k() { nowhere = 1; }\n",
                        Map.of("device.h", KernelImages.JarFiles.IN_JAR.text("device.h"), "ptx.h",
                                KernelImages.JarFiles.IN_JAR.text("ptx.h")),
                        List.of(), List.of()), List.of("--gpu-architecture=sm_90")));
        assertTrue(e.getMessage().startsWith("cannot compile broken.cu: broken.cu(2): error: identifier \"nowhere\""),
                e.getMessage());
        assertEquals(1, e.getMessage().lines().count());
        assertTrue(e.log().lines().count() > 1, e.log());
    }

    @Test
    void anArchitectureThatItDoesNotKnowIsRefusedWithAHint() {
        CompilationException e = assertThrows(CompilationException.class,
                () -> nvrtc.compile(CudaSource.of("empty.cu", ""), List.of("--gpu-architecture=sm_999")));
        assertTrue(e.getMessage().contains("--gpu-architecture") && e.getMessage().contains("install a newer one"),
                e.getMessage());
    }

    @Test
    void itsVersionIsThatOfItsName() {
        assertTrue(nvrtc.place().matches(".*libnvrtc(-[0-9a-f]+)?[.]so[.]" + nvrtc.version() / 1000), nvrtc.place());
    }
}
