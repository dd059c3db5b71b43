package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.cuda.SimulatedGpu.Counter;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of matrices against sums in double, of each type, shape and order. */
@Needs(Need.SIMULATED_GPU)
class GemmTest {
    private static final double EXACT = 2e-6;
    /** Half an ulp of TF32 for each of two factors; of bf16 and half for results that are rounded. */
    private static final double TF32 = 2e-3;
    private static final double BF16 = 5e-3;
    private static final double HALF = 8e-4;

    private final SplittableRandom random = new SplittableRandom(39);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    /** Each binding with each transposition. */
    static Stream<Arguments> orders() {
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.of(false, true).flatMap(a -> Stream.of(false, true)
                .map(b -> Arguments.of(binding, a, b))));
    }

    private static Cuda open(String binding) {
        return Gpus.open(binding);
    }

    /** Numbers that the type holds as they are, so that only the product is rounded. */
    private double[] numbers(CudaType type, long count) {
        double[] values = random.doubles(count, -1, 1).toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = type == CudaType.FLOAT64 ? values[i] : type.isHalf() ? type.value(type.bits((float) values[i]))
                    : (float) values[i];
        }
        return values;
    }

    private static CudaBuffer buffer(Cuda gpu, CudaType type, double[] values) {
        CudaBuffer buffer = gpu.uninitialised(type, values.length, "matrices");
        if (type == CudaType.FLOAT64) {
            buffer.write(values);
        } else {
            float[] floats = new float[values.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) values[i];
            }
            buffer.write(floats);
        }
        return buffer;
    }

    private static double[] read(CudaBuffer buffer) {
        if (buffer.type() == CudaType.FLOAT64) {
            return buffer.toDoubles();
        }
        float[] floats = buffer.toFloats();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    /** By the definition, element by element; those between the matrices stay. */
    private static double[] expected(Gemm gemm, double alpha, double[] a, double[] b, double beta, double[] c) {
        double[] all = c.clone();
        for (int batch = 0; batch < gemm.batches(); batch++) {
            for (int i = 0; i < gemm.m(); i++) {
                for (int j = 0; j < gemm.n(); j++) {
                    double sum = 0;
                    for (int l = 0; l < gemm.k(); l++) {
                        int inA = gemm.transposedA() ? l * gemm.lda() + i : i * gemm.lda() + l;
                        int inB = gemm.transposedB() ? j * gemm.ldb() + l : l * gemm.ldb() + j;
                        sum += a[(int) (batch * gemm.strideA()) + inA] * b[(int) (batch * gemm.strideB()) + inB];
                    }
                    int at = (int) (batch * gemm.strideC()) + i * gemm.ldc() + j;
                    all[at] = alpha * sum + (beta == 0 ? 0 : beta * c[at]);
                }
            }
        }
        return all;
    }

    private void check(Cuda gpu, Gemm gemm, double alpha, double beta, double tolerance) {
        double[] a = numbers(gemm.factors(), gemm.elementsA());
        double[] b = numbers(gemm.factors(), gemm.elementsB());
        double[] c = numbers(gemm.result(), gemm.elementsC() + 2);
        try (CudaBuffer bufferA = buffer(gpu, gemm.factors(), a);
                CudaBuffer bufferB = buffer(gpu, gemm.factors(), b);
                CudaBuffer bufferC = buffer(gpu, gemm.result(), c)) {
            gpu.blas().gemm(gemm, alpha, bufferA, bufferB, beta, bufferC);
            Agreement.require(gemm.toString(), expected(gemm, alpha, a, b, beta, c), read(bufferC), tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void everyTranspositionWithAndWithoutGaps(String binding, boolean a, boolean b) {
        try (Cuda gpu = open(binding)) {
            check(gpu, Gemm.of(a, b, 3, 5, 4), 1, 0, EXACT);
            check(gpu, Gemm.of(a, b, 1, 7, 2), -0.5, 2, EXACT);
            check(gpu, Gemm.of(a, b, 3, 5, 4).withLeading(6, 7, 8), 1.5, -1, EXACT);
            check(gpu, Gemm.of(a, b, 2, 3, 4).withLeading(5, 6, 4).withBatches(3, 27, 0, 8), 1, 0.5, EXACT);
            check(gpu, Gemm.of(a, b, 2, 3, 4).withBatches(3, 0, 13, 6), 1, 0, EXACT);
        }
    }

    @ParameterizedTest
    @MethodSource("orders")
    void everyTypeOfFactorsAndResults(String binding, boolean a, boolean b) {
        Gemm plain = Gemm.of(a, b, 5, 3, 17);
        Gemm batched = plain.withBatches(2, 85, 51, 15);
        try (Cuda gpu = open(binding)) {
            for (Gemm gemm : List.of(plain, batched)) {
                check(gpu, gemm.withTypes(CudaType.FLOAT64, CudaType.FLOAT64), 0.3, 0.7, 1e-14);
                check(gpu, gemm.withTf32(), 1, 1, TF32);
                for (CudaType type : List.of(CudaType.BFLOAT16, CudaType.FLOAT16)) {
                    check(gpu, gemm.withTypes(type, CudaType.FLOAT32), 1, 1, EXACT);
                    check(gpu, gemm.withTypes(type, type), 1, 0, type == CudaType.BFLOAT16 ? BF16 : HALF);
                }
            }
        }
    }

    /** The simulated cuBLAS rounds factors by each way to ask for it, and by none otherwise. */
    @ParameterizedTest
    @MethodSource("bindings")
    void tf32IsForTheProductThatAsksForItAlone(String binding) {
        float fine = 1 + 0x1p-20f;
        try (Cuda gpu = open(binding);
                CudaBuffer a = gpu.floats(fine);
                CudaBuffer b = gpu.floats(1);
                CudaBuffer c = gpu.floats(0)) {
            Gemm gemm = Gemm.of(1, 1, 1);
            for (int round = 0; round < 2; round++) {
                gpu.blas().gemm(gemm.withTf32(), 1, a, b, 0, c);
                assertEquals(1, c.toFloats()[0]);
                gpu.blas().multiply(1, 1, 1, a, b, c);
                assertEquals(fine, c.toFloats()[0]);
                gpu.blas().gemm(gemm.withTf32().withBatches(1, 0, 0, 0), 1, a, b, 0, c);
                assertEquals(1, c.toFloats()[0]);
            }
            long pedantic = SimulatedGpu.count(Counter.PEDANTIC_PRODUCTS);
            gpu.blas().pedantic();
            gpu.blas().multiply(1, 1, 1, a, b, c);
            assertEquals(fine, c.toFloats()[0]);
            assertEquals(pedantic + 1, SimulatedGpu.count(Counter.PEDANTIC_PRODUCTS));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void withBeta0NothingOfTheResultIsRead(String binding) {
        try (Cuda gpu = open(binding);
                CudaBuffer a = gpu.floats(1, 2);
                CudaBuffer b = gpu.floats(3, 4);
                CudaBuffer c = gpu.floats(Float.NaN);
                CudaBuffer fresh =
                        gpu.uninitialised(CudaType.FLOAT32, 1, "nobody wrote it")) {
            gpu.blas().gemm(Gemm.of(1, 1, 2), 1, a, b, 1, c);
            assertTrue(Float.isNaN(c.toFloats()[0]));
            for (CudaBuffer result : List.of(c, fresh)) {
                gpu.blas().gemm(Gemm.of(1, 1, 2), 2, a, b, 0, result);
                assertEquals(22, result.toFloats()[0]);
            }
        }
    }

    /** Integers reach no call of cuBLAS': gemv would take them for doubles. */
    @Test
    void integersAreRefused() {
        for (CudaType type : List.of(CudaType.INT8, CudaType.INT16, CudaType.INT32, CudaType.INT64)) {
            assertEquals("a product of " + type + " in " + type + "; factors are float32, bf16, half or double, and "
                    + "the result has their type, or is float32 for bf16 and half",
                    assertThrows(IllegalArgumentException.class, () -> Gemm.of(2, 1, 2).withTypes(type, type))
                            .getMessage());
            assertThrows(IllegalArgumentException.class, () -> Gemm.of(2, 1, 2).withTypes(CudaType.FLOAT32, type));
        }
    }

    /** C (m, heads x n), a product for each head's columns. */
    @ParameterizedTest
    @MethodSource("bindings")
    void resultsMayLieSideBySide(String binding) {
        try (Cuda gpu = open(binding)) {
            check(gpu, Gemm.of(2, 3, 4).withLeading(8, 6, 6).withBatches(2, 4, 3, 3), 1, 0, EXACT);
        }
        Gemm gemm = Gemm.of(2, 3, 4).withLeading(8, 6, 6);
        for (long stride : new long[] {0, 2, 4, 8}) {
            assertThrows(IllegalArgumentException.class, () -> gemm.withBatches(2, 4, 3, stride), "" + stride);
        }
        assertEquals(9, gemm.withBatches(2, 0, 0, 9).strideC());
    }

    /** On two streams at the same time none may spoil the other's workspace; a stream that has ended leaves its own. */
    @ParameterizedTest
    @MethodSource("bindings")
    void eachStreamHasAWorkspaceOfItsOwn(String binding) {
        try (Cuda gpu = open(binding);
                CudaBuffer a = gpu.floats(1, 2);
                CudaBuffer b = gpu.floats(3, 4);
                CudaBuffer c = gpu.floats(0);
                CudaBuffer d = gpu.floats(0)) {
            gpu.blas().multiply(1, 1, 2, a, b, c);
            long one = gpu.memory().byPurpose().get("cuBLAS workspace");
            for (int i = 0; i < 3; i++) {
                try (CudaStream stream = gpu.newStream(0)) {
                    gpu.synchronize();
                    gpu.on(stream, () -> {
                        gpu.blas().multiply(1, 1, 2, b, a, d);
                        gpu.blas().gemm(Gemm.of(1, 1, 2), 1, a, b, 1, d);
                    });
                    gpu.blas().multiply(1, 1, 2, a, b, c);
                    stream.synchronize();
                    assertArrayEquals(new float[] {22}, d.toFloats());
                    assertEquals(2 * one, gpu.memory().byPurpose().get("cuBLAS workspace"));
                }
            }
            assertArrayEquals(new float[] {11}, c.toFloats());
            assertEquals(32L << 20, one);
            assertEquals(0, gpu.blas().version().chars().filter(Character::isLetter).count());
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aProductIsRecordedOnceItsHandleIsPrepared(String binding) {
        try (Cuda gpu = open(binding);
                CudaBuffer a = gpu.floats(1, 2);
                CudaBuffer b = gpu.floats(3, 4);
                CudaBuffer c = gpu.floats(0)) {
            assertThrows(CudaException.class, () -> gpu.record(() -> gpu.blas().multiply(1, 1, 2, a, b, c)));
            gpu.blas().prepare();
            try (CudaGraph graph = gpu.record(() -> gpu.blas().gemm(Gemm.of(1, 1, 2), 1, a, b, 1, c))) {
                graph.launch();
                graph.launch();
                a.write(new float[] {0, 1});
                graph.launch();
                assertArrayEquals(new float[] {26}, c.toFloats());
            }
        }
    }
}
