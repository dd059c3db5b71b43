package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Variables of modules, read and written from the host. */
@Needs(Need.SIMULATED_GPU)
class ModuleVariablesTest {
    private static final Grid FOUR = Grid.of(1, 4);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void constantsAndVariablesAreBuffersOfTheirModule(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = KernelArgumentsTest.module(gpu, "PTX");
                CudaBuffer x = gpu.floats(0, 0, 0, 0)) {
            CudaBuffer factors = module.global("factors", CudaType.FLOAT32);
            CudaBuffer counter = module.global("counter");
            CudaBuffer table = module.global("table", CudaType.INT16);
            CudaBuffer limits = module.global("limits");
            assertEquals(List.of(4L, 1L, 6L, 16L, CudaType.INT32, CudaType.INT8), List.of(factors.count(),
                    counter.count(), table.count(), limits.count(), counter.type(), limits.type()));
            assertArrayEquals(new int[] {0}, counter.toInts());
            factors.write(new float[] {1, 2, 3, 4});
            counter.fill(10);
            table.write(new short[] {100, 200, 300, 400});
            limits.write(KernelArgumentsTest.pair(1000, 0.5));
            module.kernel("variables").launch(FOUR, x);
            assertArrayEquals(new float[] {1110.5f, 1220.5f, 1330.5f, 1440.5f}, x.toFloats());
            module.kernel("count").launch(Grid.of(1, 1));
            assertArrayEquals(new int[] {11}, counter.toInts());
            assertEquals(11, table.view(5, 1).toShorts()[0]);
            assertEquals(0.5, limits.as(CudaType.FLOAT64).toDoubles()[1]);
            counter.close();
            assertArrayEquals(new int[] {11}, module.global("counter").toInts());
        }
    }

    /** From pinned memory and from buffers, on another stream and recorded: a launch sees what came before it. */
    @ParameterizedTest
    @MethodSource("bindings")
    void writesAndLaunchesComeInTheirOrder(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule module = KernelArgumentsTest.module(gpu, "PTX");
                CudaStream side = gpu.newStream(0);
                HostBuffer host = gpu.pinned(CudaType.FLOAT32, 4);
                CudaBuffer other = gpu.floats(5, 6, 7, 8);
                CudaBuffer x = gpu.floats(0, 0, 0, 0);
                CudaBuffer y = gpu.floats(0, 0, 0, 0)) {
            CudaBuffer factors = module.global("factors", CudaType.FLOAT32);
            module.global("counter").fill(1);
            CudaKernel kernel = module.kernel("variables");
            host.floats().put(new float[] {1, 2, 3, 4});
            gpu.synchronize();
            gpu.on(side, () -> {
                factors.writeAsync(host);
                kernel.launch(FOUR, x);
                factors.copyFrom(other);
                kernel.launch(FOUR, y);
                gpu.synchronize();
            });
            assertArrayEquals(new float[] {1, 2, 3, 4}, x.toFloats());
            assertArrayEquals(new float[] {5, 6, 7, 8}, y.toFloats());
            try (CudaGraph graph = gpu.record(() -> {
                factors.fill(3);
                kernel.launch(FOUR, x);
            })) {
                graph.launch();
                assertArrayEquals(new float[] {3, 3, 3, 3}, x.toFloats());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aVariableEndsWithItsModule(String binding) {
        try (Cuda gpu = Gpus.open(binding)) {
            CudaModule module = KernelArgumentsTest.module(gpu, "PTX");
            CudaBuffer counter = module.global("counter");
            CudaBuffer view = counter.view(0, 1);
            assertTrue(view.isOpen());
            module.close();
            assertEquals(List.of(false, false), List.of(counter.isOpen(), view.isOpen()));
            for (CudaBuffer each : List.of(counter, view)) {
                assertEquals("module arguments.ptx was used after it was closed",
                        assertThrows(IllegalStateException.class, each::toInts).getMessage());
            }
            assertEquals("module arguments.ptx was used after it was closed",
                    assertThrows(IllegalStateException.class, () -> module.global("counter")).getMessage());
            counter.close();
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void thoseThatAreNotThereAreTold(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaModule ptx = KernelArgumentsTest.module(gpu, "PTX")) {
            assertEquals("no variable 'none' in arguments.ptx; one is found if it is declared __device__ or "
                    + "__constant__, outside of functions and namespaces",
                    assertThrows(CharlstmException.class, () -> ptx.global("none")).getMessage());
            assertEquals("no variable 'ns::table' in arguments.ptx; compile the text withNames(\"&ns::table\")",
                    assertThrows(CharlstmException.class, () -> ptx.global("ns::table")).getMessage());
            assertEquals(
                    "variable table in arguments.ptx has 12 bytes, which are no whole number of elements of double",
                    assertThrows(IllegalArgumentException.class, () -> ptx.global("table", CudaType.FLOAT64))
                            .getMessage());
            assertEquals("variable counter in arguments.ptx is of int, and was asked for as float32",
                    assertThrows(IllegalArgumentException.class, () -> ptx.global("counter", CudaType.FLOAT32))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"__constant__ float x[4];                        | float32",
        "static __device__ const unsigned long long x = 3; | long",
        "__device__ __constant__ bool x[2][3] = {};      | byte",
        "typedef short sample; __device__ sample x;      | short",
        "__constant__ alignas(16) double x[2];           | double",
        "__device__ Pair x;                              |", "__device__ float* x;                            |",
        "// __device__ float x;                          |", "__device__ float other; int x;                  |",
        "__device__ float f(float a) { int x; }          |", "__device__ float x; namespace b { __device__ int x; } |"})
    void theTextTellsTheElements(String text, String type) {
        assertEquals(Optional.ofNullable(type),
                ModuleVariables.element(text, false, "x").map(CudaType::toString));
        assertEquals(Optional.ofNullable(type),
                ModuleVariables.element(text, false, "&ns::x").map(CudaType::toString));
    }

    @Test
    void ptxTellsTheElementsOfThoseThatAreNoArrays() {
        String ptx = """
                .const .align 4 .b8 a[16];
                .global .align 4 .u32 b;
                .visible .global .f64 c = 0d0;
                .global .align 8 .u64 d;
                .global .align 4 .f32 e[2];
                .global .s16 f;
                """;
        for (String each : List.of("a=Optional.empty", "b=Optional[int]", "c=Optional[double]", "d=Optional.empty",
                "e=Optional.empty", "f=Optional[short]", "g=Optional.empty")) {
            assertEquals(each, each.charAt(0) + "=" + ModuleVariables.element(ptx, true, each.substring(0, 1)));
        }
    }
}
