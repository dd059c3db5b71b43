package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
    void whatDoesNotHoldIsTold(String binding) {
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
}
