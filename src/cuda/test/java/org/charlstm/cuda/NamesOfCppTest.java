package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels of templates and namespaces, by their names in C++. */
@Needs({Need.SIMULATED_NVRTC, Need.NVCC})
class NamesOfCppTest {
    static final CudaSource TEXT = CudaSource.of("names.cu", """
            template <typename T, int N> __global__ void add(T* x, T a) { x[0] += a * N; }
            namespace ns {
            __constant__ float table[2];
            __global__ void scale(float* x, float a) { x[0] *= a; }
            namespace inner { __global__ void scale(int* x, int a, int b) { x[0] = a + b; } }
            }
            __global__ void plain(int* x) { x[0] = 7; }
            extern "C" __global__ void easy(int* x) { x[0] = 8; }
            """);
    private static final Grid ONE = Grid.of(1, 1);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    /** The second time from the disk. */
    @ParameterizedTest
    @MethodSource("bindings")
    void kernelsAreFoundByTheirNames(String binding) {
        CudaSource text = TEXT.withNames("add<float, 256>", "add<int,2>", "ns::scale", "ns::inner::scale")
                .withNames("plain", "plain");
        assertEquals(List.of("add<float, 256>", "add<int,2>", "ns::scale", "ns::inner::scale", "plain"), text.names());
        for (int i = 0; i < 2; i++) {
            try (Cuda gpu = Gpus.open(binding);
                    CudaModule module = gpu.compile(text);
                    CudaBuffer floats = gpu.floats(1);
                    CudaBuffer ints = gpu.ints(1)) {
                module.kernel("add<float,256>").launch(ONE, floats, 2f);
                assertArrayEquals(new float[] {513}, floats.toFloats());
                module.kernel("ns::scale").launch(ONE, floats, 2f);
                assertArrayEquals(new float[] {1026}, floats.toFloats());
                module.kernel("add<int, 2>").launch(ONE, ints, 3);
                assertArrayEquals(new int[] {7}, ints.toInts());
                module.kernel("ns::inner::scale(int* x, int, int)").launch(ONE, ints, 3, 1);
                assertArrayEquals(new int[] {4}, ints.toInts());
                module.kernel("add<int, 2>(int* x, int a)").launch(ONE, ints, 3);
                assertArrayEquals(new int[] {10}, ints.toInts());
                module.kernel("plain").launch(ONE, ints);
                assertArrayEquals(new int[] {7}, ints.toInts());
                module.kernel("easy").launch(ONE, ints);
                assertArrayEquals(new int[] {8}, ints.toInts());
                assertEquals("add<float, 256>(float* x, float a)",
                        module.kernel("add<float, 256>").signature().toString());
                assertSame(module.kernel("plain"), module.kernel("plain"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void wrongArgumentsAndNamesAreRefusedWithTheReason(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.compile(TEXT.withNames("add<float, 2>", "ns::scale"));
                CudaBuffer floats = gpu.floats(1)) {
            assertEquals("argument 2 of add<float, 2>(float* x, float a) is a, of type float, and an int was given",
                    assertThrows(IllegalArgumentException.class,
                            () -> module.kernel("add<float, 2>").launch(ONE, floats, 2)).getMessage());
            assertEquals("kernel add<float, 2> in names.cu is add<float, 2>(float* x, float a), and was declared as "
                    + "add<float, 2>(float* x, int a)",
                    assertThrows(IllegalArgumentException.class,
                            () -> module.kernel("add<float, 2>(float* x, int a)")).getMessage());
            assertEquals("no kernel 'add<float, 3>' in names.cu, since its name is one of C++: compile the text "
                    + "withNames(\"add<float, 3>\")",
                    assertThrows(CharlstmException.class, () -> module.kernel("add<float, 3>")).getMessage());
            assertEquals("no kernel 'plain' in names.cu, since its name is one of C++: compile the text "
                    + "withNames(\"plain\"), with its namespaces and a template's arguments, or declare it extern "
                    + "\"C\" __global__ void plain(...)",
                    assertThrows(CharlstmException.class, () -> module.kernel("plain")).getMessage());
            CompilationException wrong = assertThrows(CompilationException.class,
                    () -> gpu.compile(TEXT.withNames("add<none, 2>")));
            assertEquals("cannot compile names.cu: name expression(2): error: identifier \"none\" is undefined",
                    wrong.getMessage());
        }
    }

    /** A type that a template's argument names, one of CUDA's few that are wide characters, and functions. */
    @ParameterizedTest
    @MethodSource("bindings")
    void numbersArriveThatTheTextHasByOtherNames(String binding) {
        CudaSource text = CudaSource.of("types.cu", """
                template <typename T> struct Of { using type = T; };
                template <typename T> __global__ void k(typename T::type x, float* y) { *y = x; }
                typedef float (*Op)(float);
                extern "C" __global__ void wide(wchar_t c, int* y) { *y = c; }
                extern "C" __global__ void call(Op op, float* y) { *y = op(4); }
                __device__ float twice(float x) { return 2 * x; }
                __device__ Op table = twice;
                """).withNames("k<Of<float>>", "&table");
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.compile(text);
                CudaBuffer floats = gpu.floats(1);
                CudaBuffer ints = gpu.ints(1)) {
            module.kernel("k<Of<float>>").launch(ONE, 3f, floats);
            assertArrayEquals(new float[] {3}, floats.toFloats());
            module.kernel("k<Of<float>>(typename Of<float>::type x, float* y)").launch(ONE, 5f, floats);
            assertArrayEquals(new float[] {5}, floats.toFloats());
            module.kernel("wide").launch(ONE, 0x1F600, ints);
            assertArrayEquals(new int[] {0x1F600}, ints.toInts());
            module.kernel("call").launch(ONE, module.global("&table", CudaType.INT64).toLongs()[0], floats);
            assertArrayEquals(new float[] {8}, floats.toFloats());
        }
    }

    /** NVIDIA's NVRTC 12.4 says so of each; nvcc, which stands in for it, would write elsewhere, or ask for more. */
    @ParameterizedTest
    @ValueSource(strings = {"-o made", "-o", "made", "--output-file=made", "-c", "-std c++17", "--DX"})
    void optionsOfNvccAreRefusedAsNvrtcRefusesThem(String options) {
        String[] all = options.split(" ");
        CudaSource text = CudaSource.of("options.cu", "__global__ void k(int* x) { *x = 1; }").withOptions(all);
        try (Cuda gpu = Gpus.open(Gpus.BINDINGS.getFirst())) {
            String refused = assertThrows(CharlstmException.class, () -> gpu.compile(text)).getMessage();
            assertTrue(refused.contains("unrecognized option " + all[0] + " found"), refused);
        }
    }

    /** They may have their values behind them, joined, or in the next option. */
    @ParameterizedTest
    @ValueSource(strings = {"-DX=3", "-D X=3", "--define-macro X=3", "-DX=3 -I .", "-DX=3 -std=c++17 --use_fast_math",
        "-DX=3 -diag-suppress 177 --fmad=false -lineinfo"})
    void optionsOfNvrtcAreTaken(String options) {
        CudaSource text = CudaSource.of("options.cu", "extern \"C\" __global__ void k(int* x) { *x = X; }")
                .withOptions(options.split(" "));
        try (Cuda gpu = Gpus.open(Gpus.BINDINGS.getFirst());
                CudaModule module = gpu.compile(text);
                CudaBuffer x = gpu.ints(0)) {
            module.kernel("k").launch(ONE, x);
            assertArrayEquals(new int[] {3}, x.toInts());
        }
    }

    /** NVIDIA's own driver does not name the function, and NVRTC names it where -rdc is not given. */
    @ParameterizedTest
    @ValueSource(strings = {"-rdc=true", "--relocatable-device-code=true", "-dc", "--device-c", "-lineinfo"})
    void aFunctionThatNobodyDefinesIsToldWithWhatToDo(String option) {
        CudaSource text = CudaSource.of("calls.cu", """
                extern "C" __device__ int other(int);
                extern "C" __global__ void k(int* x) { *x = other(*x); }
                """).withOptions(option);
        try (Cuda gpu = Gpus.open(Gpus.BINDINGS.getFirst())) {
            assertEquals("cuModuleLoadData failed with status 218 (CUDA_ERROR_INVALID_PTX: line 14: other is called, "
                    + "and nowhere defined); define every function and variable that calls.cu uses in it or in its "
                    + "headers, or link() it with the text that does",
                    assertThrows(CudaException.class, () -> gpu.compile(text)).getMessage());
        }
    }
}
