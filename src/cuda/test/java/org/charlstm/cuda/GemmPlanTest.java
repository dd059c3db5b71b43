package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.Refusals;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Products with epilogues against sums in double, and each wrong use in one line. */
@Needs(Need.SIMULATED_GPU)
class GemmPlanTest {
    private final SplittableRandom random = new SplittableRandom(52);

    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    /** Each binding with each epilogue. */
    static Stream<Arguments> epilogues() {
        return Gpus.BINDINGS.stream().flatMap(binding -> Stream.of(Epilogue.values())
                .map(epilogue -> Arguments.of(binding, epilogue)));
    }

    private static void assertMisuse(String words, Class<? extends Exception> kind, Executable action) {
        Refusals.assertLine(words, assertThrows(kind, action).getMessage());
    }

    private static void assertMisuse(String words, Executable action) {
        assertMisuse(words, IllegalArgumentException.class, action);
    }

    private double[] numbers(CudaType type, long count) {
        return random.doubles(count, -1, 1).map(value -> type == CudaType.FLOAT32 ? (float) value
                : type.value(type.bits((float) value))).toArray();
    }

    private static CudaBuffer buffer(Cuda gpu, CudaType type, double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        CudaBuffer buffer = gpu.uninitialised(type, values.length, "matrices");
        buffer.write(floats);
        return buffer;
    }

    private static double activated(Epilogue epilogue, double x) {
        return switch (epilogue) {
            case NONE, BIAS -> x;
            case RELU, RELU_BIAS -> Math.max(0, x);
            case GELU, GELU_BIAS -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        };
    }

    private void check(Cuda gpu, Gemm gemm, Epilogue epilogue, double tolerance) {
        double[] a = numbers(gemm.factors(), gemm.elementsA());
        double[] b = numbers(gemm.factors(), gemm.elementsB());
        double[] bias = numbers(gemm.result(), gemm.n());
        double[] c = numbers(gemm.result(), gemm.elementsC() + 1);
        double[] expected = c.clone();
        for (int i = 0; i < gemm.m(); i++) {
            for (int j = 0; j < gemm.n(); j++) {
                double sum = epilogue.hasBias() ? bias[j] : 0;
                for (int l = 0; l < gemm.k(); l++) {
                    sum += a[gemm.transposedA() ? l * gemm.lda() + i : i * gemm.lda() + l]
                            * b[gemm.transposedB() ? j * gemm.ldb() + l : l * gemm.ldb() + j];
                }
                expected[i * gemm.ldc() + j] = activated(epilogue, sum);
            }
        }
        try (CudaBuffer bufferA = buffer(gpu, gemm.factors(), a);
                CudaBuffer bufferB = buffer(gpu, gemm.factors(), b);
                CudaBuffer bufferBias = buffer(gpu, gemm.result(), bias);
                CudaBuffer bufferC = buffer(gpu, gemm.result(), c);
                GemmPlan plan = gpu.blas().plan(gemm, epilogue)) {
            if (epilogue.hasBias()) {
                plan.run(bufferA, bufferB, bufferBias, bufferC);
            } else {
                plan.run(bufferA, bufferB, bufferC);
            }
            float[] floats = bufferC.toFloats();
            double[] actual = new double[floats.length];
            for (int i = 0; i < actual.length; i++) {
                actual[i] = floats[i];
            }
            Agreement.require(gemm + " with " + epilogue, expected, actual, tolerance);
            assertEquals(gemm, plan.gemm());
            assertEquals(epilogue, plan.epilogue());
        }
    }

    @ParameterizedTest
    @MethodSource("epilogues")
    void everyEpilogueOfEveryTypeAndOrder(String binding, Epilogue epilogue) {
        try (Cuda gpu = Gpus.open(binding)) {
            for (boolean a : new boolean[] {false, true}) {
                for (boolean b : new boolean[] {false, true}) {
                    Gemm gemm = Gemm.of(a, b, 3, 5, 4);
                    check(gpu, gemm, epilogue, 2e-6);
                    check(gpu, gemm.withLeading(6, 7, 8), epilogue, 2e-6);
                    check(gpu, gemm.withTypes(CudaType.BFLOAT16, CudaType.FLOAT32), epilogue, 2e-6);
                    check(gpu, gemm.withTypes(CudaType.BFLOAT16, CudaType.BFLOAT16), epilogue, 5e-3);
                    check(gpu, gemm.withTypes(CudaType.FLOAT16, CudaType.FLOAT16), epilogue, 1e-3);
                    check(gpu, gemm.withTf32(), epilogue, 2e-3);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aPlanIsRecordedAndTakesOtherBiases(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer a = gpu.floats(1, 2);
                CudaBuffer b = gpu.floats(3, 4);
                CudaBuffer bias = gpu.floats(-20);
                CudaBuffer other = gpu.floats(-10);
                CudaBuffer c = gpu.floats(0);
                GemmPlan plan = gpu.blas().plan(Gemm.of(1, 1, 2), Epilogue.RELU_BIAS)) {
            gpu.blas().prepare();
            try (CudaGraph graph = gpu.record(() -> plan.run(a, b, bias, c))) {
                plan.run(a, b, other, c);
                assertArrayEquals(new float[] {1}, c.toFloats());
                graph.launch();
                assertArrayEquals(new float[] {0}, c.toFloats());
                bias.write(new float[] {5});
                graph.launch();
                assertArrayEquals(new float[] {16}, c.toFloats());
            }
        }
    }

    /** Whether it is the first plan of the GPU, for which cuBLASLt starts, or another. */
    @ParameterizedTest
    @MethodSource("bindings")
    void aPlanIsMadeBeforeTheRecordingAndClosedAfterItsGraph(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer a = gpu.floats(1, 2);
                CudaBuffer b = gpu.floats(3, 4);
                CudaBuffer c = gpu.floats(0)) {
            Gemm gemm = Gemm.of(1, 1, 2);
            Executable recorded = () -> gpu.record(() -> gpu.blas().plan(gemm, Epilogue.NONE));
            String refused = "a plan of a product cannot be made while work is recorded; make it before";
            assertMisuse(refused, IllegalStateException.class, recorded);
            gpu.blas().prepare();
            GemmPlan plan = gpu.blas().plan(gemm, Epilogue.NONE);
            assertMisuse(refused, IllegalStateException.class, recorded);
            try (CudaGraph graph = gpu.record(() -> plan.run(a, b, c))) {
                graph.launch();
                assertArrayEquals(new float[] {11}, c.toFloats());
                plan.close();
                assertMisuse("a graph was launched after a plan of a product was closed, which it uses; close that "
                        + "after the graph", IllegalStateException.class, graph::launch);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void wrongPlans(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                Cuda elsewhere = Gpus.open(binding);
                CudaBuffer foreign = elsewhere.floats(1, 2);
                CudaBuffer a = gpu.floats(1, 2, 3, 4, 5, 6);
                CudaBuffer b = gpu.floats(1, 2);
                CudaBuffer bias = gpu.floats(1);
                CudaBuffer doubles = gpu.doubles(1, 2);
                CudaBuffer c = gpu.floats(1)) {
            CudaBlas blas = gpu.blas();
            Gemm gemm = Gemm.of(1, 1, 2);
            GemmPlan biased = blas.plan(gemm, Epilogue.BIAS);
            GemmPlan plain = blas.plan(gemm, Epilogue.GELU);
            assertMisuse("a plan of 2 products of float32; it is of one",
                    () -> blas.plan(gemm.withBatches(2, 0, 0, 1), Epilogue.NONE));
            assertMisuse("a plan of 1 products of double",
                    () -> blas.plan(gemm.withTypes(CudaType.FLOAT64, CudaType.FLOAT64), Epilogue.NONE));
            assertMisuse("the product is null", NullPointerException.class, () -> blas.plan(null, Epilogue.NONE));
            assertMisuse("the epilogue is null", NullPointerException.class, () -> blas.plan(gemm, null));
            assertMisuse("the epilogue BIAS wants a bias", () -> biased.run(a, b, c));
            assertMisuse("the epilogue GELU has no bias", () -> plain.run(a, b, bias, c));
            assertMisuse("matrix a of the product does not begin at a multiple of 16 bytes",
                    () -> plain.run(a.view(1, 2), b, c));
            plain.run(a.view(4, 2), b, c);
            assertMisuse("matrix b of the product takes 2 elements of float32, and a buffer of 1",
                    () -> plain.run(a, bias, c));
            assertMisuse("matrix a of the product takes 2 elements of float32, and a buffer of 2 of double",
                    () -> plain.run(doubles, b, c));
            assertMisuse("the bias of the product takes 1 elements of float32, and a buffer of 2 of double",
                    () -> biased.run(a, b, doubles, c));
            assertMisuse("matrix c of the product is matrix b itself", () -> plain.run(a, b, b));
            assertMisuse("the bias is matrix c itself", () -> biased.run(a, b, c, c));
            assertMisuse("used on GPU 0 opened a second time", () -> plain.run(a, foreign, c));
            assertMisuse("the matrix b is null", NullPointerException.class, () -> plain.run(a, null, c));
            assertMisuse("the matrix c is null", NullPointerException.class, () -> biased.run(a, b, bias, null));
            CudaBuffer gone = gpu.floats(1, 2);
            gone.close();
            assertMisuse("closed", IllegalStateException.class, () -> plain.run(a, gone, c));
            plain.close();
            biased.close();
            assertMisuse("a plan of a product was used after it was closed", IllegalStateException.class,
                    () -> plain.run(a, b, c));
        }
    }
}
