package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that call one another's functions and become one module. */
@Needs({Need.SIMULATED_NVRTC, Need.NVCC})
class LinkTest {
    private static final CudaSource CALLS = CudaSource.of("calls.cu", """
            extern __device__ float scaled(float x);
            extern __device__ float factor;
            template <typename T> __global__ void each(T* x) { x[threadIdx.x] = scaled(x[threadIdx.x]) + factor; }
            """).withNames("each<float>");
    private static final CudaSource DEFINES = CudaSource.of("defines.cu", """
            __device__ float factor = 3;
            __device__ float scaled(float x) { return factor * x; }
            namespace ns { __global__ void one(float* x) { x[0] = scaled(1); } }
            """).withNames("ns::one");
    private static final Grid GRID = Grid.of(1, 1).threads(2, 1, 1);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void functionsAndVariablesOfAnotherTextAreUsed(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = gpu.link(CALLS, DEFINES);
                CudaBuffer x = gpu.floats(new float[] {1, 2})) {
            assertEquals("calls.cu, defines.cu", module.name());
            module.kernel("each<float>").launch(GRID, x);
            assertArrayEquals(new float[] {6, 9}, x.toFloats());
            module.global("factor").write(new float[] {10});
            module.kernel("ns::one").launch(Grid.of(1, 1).threads(1, 1, 1), x);
            assertArrayEquals(new float[] {10, 9}, x.toFloats());
        }
    }

    @Test
    void textsThatDoNotFitAreRefusedInALine() {
        try (Cuda gpu = Gpus.open("panama")) {
            CompilationException lacks = assertThrows(CompilationException.class, () -> gpu.link(CALLS));
            assertTrue(lacks.getMessage().startsWith("cannot link calls.cu: ") && lacks.getMessage().contains("scaled")
                    && lacks.getMessage().lines().count() == 1, lacks.getMessage());
            CudaSource again = CudaSource.of("again.cu", "__device__ float factor = 4;");
            CompilationException twice = assertThrows(CompilationException.class,
                    () -> gpu.link(CALLS, DEFINES, again));
            assertTrue(twice.getMessage().startsWith("cannot link calls.cu, defines.cu, again.cu: ")
                    && twice.getMessage().contains("factor"), twice.getMessage());
            assertEquals("cannot link two texts of the name calls.cu; rename one",
                    assertThrows(CharlstmException.class, () -> gpu.link(CALLS, CALLS)).getMessage());
            assertEquals("there is no source to link",
                    assertThrows(IllegalArgumentException.class, gpu::link).getMessage());
            assertEquals("cannot compile broken.cu: broken.cu(1): error: identifier \"nowhere\" is undefined",
                    assertThrows(CompilationException.class, () -> gpu.link(DEFINES,
                            CudaSource.of("broken.cu", "__device__ int n = nowhere;"))).getMessage());
        }
    }
}
