package org.charlstm.cuda.binding;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.CompilationException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaSource;
import org.charlstm.cuda.Gpus;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** NVRTC's bindings on a stand-in: their arguments and failures. */
@ParameterizedClass
@MethodSource("bindings")
@Needs(Need.SIMULATED_NVRTC)
class NvrtcTest {
    private static final String SIMULATION = "CHARLSTM_SIM_NVRTC";
    private static final List<String> OPTIONS = List.of("--gpu-architecture=sm_90");

    @Parameter
    private String binding;
    private Nvrtc nvrtc;
    private long before;

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    @BeforeEach
    void start() {
        nvrtc = Gpus.libraries(binding).nvrtc();
        before = live();
    }

    @AfterEach
    void everyProgramIsDestroyed() {
        SimulatedGpu.set(SIMULATION, System.getenv(SIMULATION));
        assertEquals(before, live());
    }

    @SuppressWarnings("restricted")
    private long live() {
        SymbolLookup symbols = SymbolLookup.libraryLookup(Path.of(nvrtc.place()), Arena.global());
        try {
            return (long) Linker.nativeLinker().downcallHandle(symbols.findOrThrow("charlstm_sim_nvrtc_live"),
                    FunctionDescriptor.of(ValueLayout.JAVA_LONG)).invoke();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] compiled(String text, Map<String, String> headers, List<String> options) {
        return nvrtc.compile(new CudaSource("some.cu", text, headers, List.of(), List.of()), options).image();
    }

    @Test
    void tellsItsVersionAndPlace() {
        assertEquals(binding.equals("jcuda") ? 12000 : 13000, nvrtc.version());
        SimulatedGpu.set(SIMULATION, "version:12.9");
        assertEquals(12090, nvrtc.version());
        assertEquals(Path.of(System.getenv("CHARLSTM_LIBNVRTC")).resolveSibling(
                binding.equals("jcuda") ? "libnvrtc.so.12" : "libnvrtc.so.13").toString(), nvrtc.place());
    }

    @Test
    @Needs(Need.NVCC)
    void everythingReachesTheCompiler() {
        String source = "#include \"b.h\"\n#include \"a.h\"\n// ünd\n";
        byte[] image = compiled(source, Map.of("b.h", "", "a.h", "// a\n"), OPTIONS);
        String code = new String(image, StandardCharsets.UTF_8);
        assertTrue(code.startsWith("charlstm simulated CUBIN\nsealed ") && code.contains("\n.target sm_90\n")
                && code.endsWith("name some.cu\noption --gpu-architecture=sm_90\nheader a.h 5\nheader b.h 0\n"
                        + source),
                code);
    }

    @Test
    @Needs(Need.NVCC)
    void aTextThatDoesNotCompileIsRefusedInALineWithTheLogBeside() {
        CompilationException e = assertThrows(CompilationException.class,
                () -> compiled("__device__ int f() { int x; return 1; }\nint y = nowhere;\n", Map.of(), OPTIONS));
        assertEquals("cannot compile some.cu: some.cu(2): error: identifier \"nowhere\" is undefined", e.getMessage());
        assertTrue(e.log().contains("some.cu(1): warning #177-D: ") && e.log().contains("1 error detected"), e.log());
        assertEquals("NVRTC_ERROR_COMPILATION", ((CudaException) e.getCause()).statusName());
    }

    @Test
    @Needs(Need.NVCC)
    void aHeaderThatIsNotGivenIsMissed() {
        CompilationException e = assertThrows(CompilationException.class,
                () -> compiled("#include \"device.h\"\n", Map.of("other.h", ""), OPTIONS));
        assertTrue(e.getMessage().contains("error: device.h: No such file"), e.getMessage());
    }

    @Test
    @Needs(Need.NVCC)
    void anArchitectureThatIsUnknownIsRefused() {
        CompilationException e = assertThrows(CompilationException.class,
                () -> compiled("", Map.of(), List.of("--gpu-architecture=sm_999")));
        assertTrue(e.getMessage().contains("Unsupported gpu architecture") && e.getMessage().contains("999")
                && e.getMessage().contains("install a newer one"), e.getMessage());
    }

    @Test
    void aLineSaysThatNoCompilerIsHere() {
        SimulatedGpu.set(SIMULATION, "off");
        for (String architecture : List.of("compute_90", "sm_90")) {
            CompilationException e = assertThrows(CompilationException.class,
                    () -> compiled("", Map.of(), List.of("--gpu-architecture=" + architecture)));
            assertEquals("cannot compile some.cu: nvrtc: error: CHARLSTM_SIM_NVRTC=off keeps NVIDIA's NVRTC and nvcc "
                    + "away; unset it, or name the file of NVRTC", e.getMessage());
        }
    }

    @Test
    void aCompilerThatFailsWithoutALogSaysWhatToTry() {
        SimulatedGpu.set(SIMULATION, "fail");
        CompilationException e = assertThrows(CompilationException.class,
                () -> compiled("", Map.of(), OPTIONS));
        assertEquals("cannot compile some.cu: nvrtcCompileProgram failed with status 11 (NVRTC_ERROR_INTERNAL_ERROR); "
                + "try another version of NVRTC", e.getMessage());
        assertEquals("", e.log());
    }
}
