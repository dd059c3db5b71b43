package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.charlstm.Refusals;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Vectors, a matrix times a vector, and products of matrices that are anywhere; and each wrong use in one line. */
@Needs(Need.SIMULATED_GPU)
class BlasTest {
    static List<String> bindings() {
        return Gpus.BINDINGS;
    }

    private static void assertMisuse(String words, Class<? extends Exception> kind, Executable action) {
        Refusals.assertLine(words, assertThrows(kind, action).getMessage());
    }

    private static void assertMisuse(String words, Executable action) {
        assertMisuse(words, IllegalArgumentException.class, action);
    }

    private static CudaBuffer of(Cuda gpu, CudaType type, double... values) {
        if (type == CudaType.FLOAT64) {
            return gpu.doubles(values);
        }
        CudaBuffer buffer = gpu.uninitialised(type, values.length, "vectors");
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        buffer.write(floats);
        return buffer;
    }

    private static double first(CudaBuffer buffer) {
        return buffer.type() == CudaType.FLOAT64 ? buffer.toDoubles()[0] : buffer.toFloats()[0];
    }

    /** The numbers are exact in every type. */
    @ParameterizedTest
    @MethodSource("bindings")
    void vectorsOfEveryType(String binding) {
        try (Cuda gpu = Gpus.open(binding)) {
            CudaVectors vectors = gpu.blas().vectors();
            for (CudaType type : List.of(CudaType.FLOAT32, CudaType.FLOAT64, CudaType.FLOAT16, CudaType.BFLOAT16)) {
                try (CudaBuffer x = of(gpu, type, 3, 4, 0);
                        CudaBuffer y = of(gpu, type, 1, 2, -1);
                        CudaBuffer result = gpu.allocate(type, 2)) {
                    assertEquals(11, vectors.dot(x, y));
                    assertEquals(5, vectors.nrm2(x));
                    vectors.axpy(0.5, x, y);
                    vectors.scal(-2, x);
                    vectors.dot(x, y, result);
                    assertEquals(-6 * 2.5 + -8 * 4, first(result));
                    vectors.nrm2(x, result.view(1, 1));
                    assertEquals(10, first(result.view(1, 1)));
                    assertEquals(-1, first(y.view(2, 1)));
                    vectors.axpy(1, x.view(0, 2), y.view(1, 2));
                    assertEquals(-9, first(y.view(2, 1)));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void sumsOnTheDeviceAreRecorded(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer x = gpu.floats(3, 4);
                CudaBuffer sums = gpu.floats(0, 0)) {
            CudaBlas blas = gpu.blas();
            blas.prepare();
            try (CudaGraph graph = gpu.record(() -> {
                blas.vectors().dot(x, x, sums);
                blas.vectors().nrm2(x, sums.view(1, 1));
                blas.vectors().scal(2, x);
            })) {
                graph.launch();
                assertArrayEquals(new float[] {25, 5}, sums.toFloats());
                graph.launch();
                assertArrayEquals(new float[] {100, 10}, sums.toFloats());
            }
            blas.vectors().dot(x, x);
            String line = assertThrows(RuntimeException.class, () -> gpu.record(() -> blas.vectors().dot(x, x)))
                    .getMessage();
            assertEquals(1, line.lines().count(), line);
            assertEquals(400, blas.vectors().dot(x, x));
        }
    }

    /** Each stream has a handle, whose place of scalars is its own. */
    @ParameterizedTest
    @MethodSource("bindings")
    void sumsAndProductsAlternateOnStreams(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer x = gpu.floats(1, 2);
                CudaBuffer y = gpu.floats(0);
                CudaStream stream = gpu.newStream(0)) {
            gpu.synchronize();
            for (int i = 0; i < 2; i++) {
                assertEquals(5, gpu.blas().vectors().dot(x, x));
                gpu.blas().multiply(1, 1, 2, x, x, y);
                gpu.synchronize();
                gpu.on(stream, () -> {
                    gpu.blas().multiply(1, 2, x, x, y);
                    assertEquals(Math.sqrt(5), gpu.blas().vectors().nrm2(x), 1e-7);
                });
                stream.synchronize();
                assertEquals(5, first(y));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void aMatrixTimesAVector(String binding) {
        try (Cuda gpu = Gpus.open(binding)) {
            for (CudaType type : List.of(CudaType.FLOAT32, CudaType.FLOAT64)) {
                Gemm gemv = Gemm.of(2, 1, 3).withTypes(type, type);
                Gemm turned = Gemm.of(true, false, 3, 1, 2).withTypes(type, type);
                // A is (1 2 3; 4 5 6), with a gap behind each row.
                try (CudaBuffer a = of(gpu, type, 1, 2, 3, -1, 4, 5, 6);
                        CudaBuffer x = of(gpu, type, 1, 0, 2, 0, 3);
                        CudaBuffer y = of(gpu, type, 10, 20, 30)) {
                    gpu.blas().gemv(gemv.withLeading(4, 2, 1), 2, a, x, -1, y);
                    assertEquals(2 * (1 + 4 + 9) - 10, first(y));
                    assertEquals(2 * (4 + 10 + 18) - 20, first(y.view(1, 1)));
                    gpu.blas().gemv(turned.withLeading(4, 1, 1), 1, a, x.view(0, 2), 0, y);
                    assertEquals(1, first(y));
                    assertEquals(3, first(y.view(2, 1)));
                    gpu.blas().gemv(gemv.withLeading(4, 1, 2), 1, a, x.view(2, 3), 0, y);
                    assertEquals(2 + 9, first(y));
                    assertEquals(2, first(y.view(1, 1)));
                    assertEquals(8 + 18, first(y.view(2, 1)));
                }
            }
            try (CudaBuffer a = gpu.floats(1, 2, 3, 4); CudaBuffer y = gpu.floats(0, 0)) {
                gpu.blas().multiply(2, 2, a, a.view(0, 2), y);
                assertArrayEquals(new float[] {5, 11}, y.toFloats());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void productsOfMatricesThatAreAnywhere(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer a = gpu.floats(1, 2);
                CudaBuffer b = gpu.floats(3, 4, 5);
                CudaBuffer c = gpu.floats(0, 0);
                CudaBuffer d = gpu.floats(7)) {
            Gemm gemm = Gemm.of(1, 1, 2);
            try (GemmBatch batch = gpu.blas().batch(gemm, List.of(a, a, b.view(0, 2)),
                    List.of(b.view(0, 2), b.view(1, 2), a), List.of(c.view(1, 1), d, c.view(0, 1)))) {
                gpu.blas().gemm(batch, 2, 0);
                assertArrayEquals(new float[] {22, 22}, c.toFloats());
                assertArrayEquals(new float[] {28}, d.toFloats());
                try (CudaGraph graph = gpu.record(() -> gpu.blas().gemm(batch, 1, 1))) {
                    graph.launch();
                    graph.launch();
                }
                assertArrayEquals(new float[] {44, 44}, c.toFloats());
                assertEquals(3, batch.size());
                assertEquals(gemm, batch.gemm());
            }
            Gemm halves = Gemm.of(1, 1, 2).withTypes(CudaType.FLOAT16, CudaType.FLOAT32);
            try (CudaBuffer e = of(gpu, CudaType.FLOAT16, 1, 2);
                    GemmBatch batch = gpu.blas().batch(halves, List.of(e), List.of(e), List.of(d))) {
                gpu.blas().gemm(batch, 1, 0);
                assertArrayEquals(new float[] {5}, d.toFloats());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void wrongVectors(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                Cuda other = Gpus.open(binding);
                CudaBuffer x = gpu.floats(1, 2);
                CudaBuffer three = gpu.floats(1, 2, 3);
                CudaBuffer ints = gpu.ints(1, 2);
                CudaBuffer doubles = gpu.doubles(1, 2);
                CudaBuffer elsewhere = other.floats(1, 2)) {
            CudaVectors vectors = gpu.blas().vectors();
            CudaBuffer closed = gpu.floats(1, 2);
            closed.close();
            assertMisuse("vectors of 2 elements of float32 and of 3 of float32; they must be alike",
                    () -> vectors.axpy(1, x, three));
            assertMisuse("and of 2 of double; they must be alike", () -> vectors.dot(x, doubles, doubles));
            assertMisuse("vector y is vector x itself", () -> vectors.axpy(1, x, x));
            assertMisuse("vector x is of int; vectors are of float32", () -> vectors.scal(2, ints));
            assertMisuse("vector x is of int", () -> vectors.nrm2(ints));
            assertMisuse("vector y is of int", () -> vectors.axpy(1, x, ints));
            assertMisuse("a result of double for vectors of float32", () -> vectors.dot(x, x, doubles));
            assertMisuse("a result of int for vectors of float32", () -> vectors.nrm2(x, ints));
            assertMisuse("the result is an element of a vector", () -> vectors.nrm2(x, x.view(1, 1)));
            assertMisuse("the result is an element of a vector", () -> vectors.dot(x, three.view(0, 2), three));
            assertMisuse("used on GPU 0 opened a second time", () -> vectors.dot(x, elsewhere));
            assertMisuse("used on GPU 0 opened a second time", () -> vectors.nrm2(x, elsewhere));
            assertMisuse("closed", IllegalStateException.class, () -> vectors.scal(1, closed));
            assertMisuse("closed", IllegalStateException.class, () -> vectors.dot(x, closed));
            assertMisuse("closed", IllegalStateException.class, () -> vectors.dot(x, x, closed));
            assertMisuse("the vector x is null", NullPointerException.class, () -> vectors.scal(1, null));
            assertMisuse("the vector y is null", NullPointerException.class, () -> vectors.dot(x, null));
            assertMisuse("the buffer of the result is null", NullPointerException.class,
                    () -> vectors.nrm2(x, null));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void wrongMatricesTimesVectors(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer a = gpu.floats(1, 2, 3, 4);
                CudaBuffer x = gpu.floats(1, 2);
                CudaBuffer y = gpu.floats(1, 2);
                CudaBuffer doubles = gpu.doubles(1, 2)) {
            CudaBlas blas = gpu.blas();
            assertMisuse("matrix a of the product takes 6 elements of float32, and a buffer of 4",
                    () -> blas.multiply(3, 2, a, x, y));
            assertMisuse("vector x of the product takes 4 elements of float32, and a buffer of 2",
                    () -> blas.multiply(1, 4, a, x, y));
            assertMisuse("vector y of the product takes 4 elements of float32, and a buffer of 2",
                    () -> blas.multiply(4, 1, a, x, y));
            Gemm gemm = Gemm.of(2, 1, 2);
            assertMisuse("vector x of the product takes 3 elements of float32",
                    () -> blas.gemv(gemm.withLeading(2, 2, 1), 1, a, x, 0, y));
            assertMisuse("a product of float32 with n = 2; gemv takes one",
                    () -> blas.gemv(Gemm.of(2, 2, 2), 1, a, x, 0,
                            y));
            assertMisuse("a product of half with n = 1; gemv takes one",
                    () -> blas.gemv(gemm.withTypes(CudaType.FLOAT16, CudaType.FLOAT16), 1, a, x, 0, y));
            assertMisuse("a product of float32 with n = 1; gemv takes one",
                    () -> blas.gemv(gemm.withBatches(2, 0, 0, 2), 1, a, x, 0, y));
            assertMisuse("whose b is not transposed", () -> blas.gemv(Gemm.of(false, true, 2, 1, 2), 1, a, x, 0, y));
            assertMisuse("vector x of the product takes 2 elements of float32, and a buffer of 2 of double",
                    () -> blas.multiply(2, 2, a, doubles, y));
            assertMisuse("vector y of the product is vector x itself", () -> blas.multiply(2, 2, a, x, x));
            assertMisuse("vector y of the product is matrix a itself", () -> blas.multiply(2, 2, a, x, a));
            assertMisuse("the product is null", NullPointerException.class, () -> blas.gemv(null, 1, a, x, 0, y));
            assertMisuse("the matrix a is null", NullPointerException.class, () -> blas.multiply(2, 2, null, x, y));
        }
    }

    @ParameterizedTest
    @MethodSource("bindings")
    void wrongBatches(String binding) {
        try (Cuda gpu = Gpus.open(binding);
                CudaBuffer a = gpu.floats(1, 2);
                CudaBuffer c = gpu.floats(1, 2, 3);
                CudaBuffer doubles = gpu.doubles(1, 2)) {
            CudaBlas blas = gpu.blas();
            Gemm gemm = Gemm.of(1, 1, 2);
            Gemm wide = Gemm.of(1, 2, 1);
            List<CudaBuffer> one = List.of(a);
            assertMisuse("a batch of 0 matrices a, 0 b and 0 c; there must be as many of each, and at least one",
                    () -> blas.batch(gemm, List.of(), List.of(), List.of()));
            assertMisuse("a batch of 1 matrices a, 2 b and 1 c",
                    () -> blas.batch(gemm, one, List.of(a, a), List.of(c)));
            assertMisuse("a batch of products that are 2 each",
                    () -> blas.batch(gemm.withBatches(2, 0, 0, 1), one, one, List.of(c)));
            assertMisuse("matrix b[0] of the product takes 2 elements of float32, and a buffer of 2 of double",
                    () -> blas.batch(gemm, one, List.of(doubles), List.of(c)));
            assertMisuse("matrix a[0] of the product takes 4 elements of float32, and a buffer of 2",
                    () -> blas.batch(Gemm.of(2, 1, 2), one, one, List.of(c)));
            assertMisuse("matrices c[0] and c[1] of the batch share memory",
                    () -> blas.batch(wide, List.of(a, a), List.of(a, a), List.of(c.view(1, 2), c.view(0, 2))));
            assertMisuse("matrices c[0] and a[0] of the batch share memory",
                    () -> blas.batch(gemm, List.of(c.view(0, 2)), one, List.of(c.view(1, 1))));
            assertMisuse("matrices c[0] and b[0] of the batch share memory",
                    () -> blas.batch(gemm, one, List.of(c.view(1, 2)), List.of(c.view(2, 1))));
            assertMisuse("the product is null", NullPointerException.class, () -> blas.batch(null, one, one, one));
            assertMisuse("the list of b is null", NullPointerException.class, () -> blas.batch(gemm, one, null, one));
            assertMisuse("the batch is null", NullPointerException.class, () -> blas.gemm(null, 1, 0));
            CudaBuffer gone = gpu.floats(1, 2);
            GemmBatch batch = blas.batch(gemm, List.of(gone), one, List.of(c));
            gone.close();
            assertMisuse("closed", IllegalStateException.class, () -> blas.gemm(batch, 1, 0));
            batch.close();
            assertMisuse("a batch of products was used after it was closed", IllegalStateException.class,
                    () -> blas.gemm(batch, 1, 0));
        }
    }
}
