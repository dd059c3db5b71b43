package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CublasLt;
import org.charlstm.cuda.binding.CudaLibraries;
import org.jspecify.annotations.Nullable;

/**
 * Products of matrices and vectors by cuBLAS, enqueued on the current stream. Each stream has its own handle and
 * workspace, made at the stream's first call; call {@link #prepare} to make them before work is recorded. By default
 * float32 is exact: only a product that asks for TF32 rounds to TF32.
 */
public final class CudaBlas {
    private final Cuda cuda;
    private final CudaLibraries libraries;
    private final Cublas cublas;
    /** The cuBLASLt handle; 0 before the first plan. */
    private long ltHandle;
    private final CublasHandles handles;
    private final CudaVectors vectors;
    /** The math mode of float32 products that do not ask for TF32. */
    private int exact = Cublas.DEFAULT_MATH;
    /** The last product, cached with its cuBLAS form since a loop repeats a product; null before the first. */
    private @Nullable Gemm lastGemm;
    private Cublas.@Nullable Product lastProduct;

    CudaBlas(Cuda cuda, CudaLibraries libraries) {
        this.cuda = cuda;
        this.libraries = libraries;
        cublas = libraries.cublas();
        handles = new CublasHandles(cuda, cublas);
        vectors = new CudaVectors(cuda, cublas, handles);
    }

    /** cuBLAS' version, for example 13.0.2. */
    public String version() {
        return cublas.version();
    }

    /** Sums, scaling and lengths of vectors. */
    public CudaVectors vectors() {
        return vectors;
    }

    /** Sets cuBLAS' pedantic math mode for all later float32 products without TF32, which may be slower. */
    public void pedantic() {
        exact = Cublas.PEDANTIC_MATH;
    }

    /** Makes the current stream's handle and workspace, which is impossible while work is recorded. */
    public void prepare() {
        handles.prepare();
    }

    /** Waits for the work of a stream that is being closed, and keeps the stream's handle for another stream. */
    void forget(CudaStream stream) {
        handles.forget(stream);
    }

    /** c = a b, of float32 matrices without gaps: a is (m,k), b (k,n), c (m,n), row-major. */
    public void multiply(int m, int n, int k, CudaBuffer a, CudaBuffer b, CudaBuffer c) {
        gemm(Gemm.of(m, n, k), 1, a, b, 0, c);
    }

    /**
     * c = alpha op(a) op(b) + beta c. Sums are float32, or double for doubles; if c is bf16 or half, cuBLAS may add
     * partial sums in that type. With beta 0, c is not read.
     *
     * @throws IllegalArgumentException if a buffer has another type or fewer elements than the product says
     */
    public void gemm(Gemm gemm, double alpha, CudaBuffer a, CudaBuffer b, double beta, CudaBuffer c) {
        long pointerA =
                pointer("matrix a", a, Objects.requireNonNull(gemm, "the product is null").factors(), gemm.elementsA());
        long pointerB = pointer("matrix b", b, gemm.factors(), gemm.elementsB());
        long pointerC = pointer("matrix c", c, gemm.result(), gemm.elementsC());
        requireApart(pointerC == pointerA ? "matrix a" : "matrix b", "matrix c", pointerC, pointerA, pointerB);
        gemm(gemm, alpha, pointerA, pointerB, beta, pointerC);
    }

    private long pointer(String name, CudaBuffer buffer, CudaType type, long elements) {
        return pointer(cuda, name, buffer, type, elements);
    }

    static long pointer(Cuda cuda, String name, CudaBuffer buffer, CudaType type, long elements) {
        long pointer = Objects.requireNonNull(buffer, "the " + name + " is null").pointerFor(cuda);
        if (buffer.type() != type || buffer.count() < elements) {
            throw new IllegalArgumentException(name + " of the product takes " + elements + " elements of " + type
                    + ", and a buffer of " + buffer.count() + " of " + buffer.type() + " was given");
        }
        return pointer;
    }

    /** As {@link #gemm(Gemm, double, CudaBuffer, CudaBuffer, double, CudaBuffer)}, at unchecked device addresses. */
    public void gemm(Gemm gemm, double alpha, long a, long b, double beta, long c) {
        long handle = handleFor(Objects.requireNonNull(gemm, "the product is null"));
        cublas.multiply(handle, productOf(gemm), alpha, b, a, beta, c);
    }

    /** c = alpha op(a) op(b) + beta c for every product of a batch, whose matrices may lie anywhere. */
    public void gemm(GemmBatch batch, double alpha, double beta) {
        long addresses = Objects.requireNonNull(batch, "the batch is null").pointerFor(cuda);
        long handle = handleFor(batch.gemm());
        long array = (long) batch.size() * Long.BYTES;
        cublas.multiplyBatch(handle, productOf(batch.gemm()), batch.size(), alpha,
                new Cublas.Arrays(addresses + array, addresses, addresses + 2 * array), beta);
    }

    /**
     * A batch of products of one shape: product i multiplies {@code a.get(i)} by {@code b.get(i)} into
     * {@code c.get(i)}. This call copies the addresses to the GPU, so make a batch before work is recorded; close it
     * after its last product.
     *
     * @throws IllegalArgumentException if a buffer has another type or fewer elements than the product says, or two
     *                                  results share memory
     */
    public GemmBatch batch(Gemm gemm, List<CudaBuffer> a, List<CudaBuffer> b, List<CudaBuffer> c) {
        return new GemmBatch(cuda, gemm, a, b, c);
    }

    /**
     * A cuBLASLt product that applies a bias or a function to the result in the same pass. Make a plan once for a
     * shape, and not while work is recorded; close the plan after its last product.
     *
     * @throws CharlstmException        if cuBLASLt is not here, or has no algorithm for the product
     * @throws IllegalArgumentException if the product is a batch, or of doubles
     * @throws IllegalStateException    if work is recorded
     */
    public GemmPlan plan(Gemm gemm, Epilogue epilogue) {
        CublasLt lt = libraries.cublasLt();
        cuda.driver();
        if (cuda.current().recording()) {
            throw new IllegalStateException(
                    "a plan of a product cannot be made while work is recorded; make it before");
        }
        if (ltHandle == 0) {
            ltHandle = lt.cublasLtCreate();
            cuda.own(() -> lt.cublasLtDestroy(ltHandle));
        }
        return new GemmPlan(cuda, lt, ltHandle, handles, gemm, epilogue);
    }

    /** y = a x, of float32 without gaps: a is (m,k), row-major. */
    public void multiply(int m, int k, CudaBuffer a, CudaBuffer x, CudaBuffer y) {
        gemv(Gemm.of(m, 1, k), 1, a, x, 0, y);
    }

    /**
     * y = alpha op(a) x + beta y, of float32 or doubles: a product with n = 1. The stride of x is {@code ldb}, for
     * example for a matrix' column, and the stride of y is {@code ldc}.
     *
     * @throws IllegalArgumentException if the product is of another kind, or a buffer has another type or too few
     *                                  elements
     */
    public void gemv(Gemm gemm, double alpha, CudaBuffer a, CudaBuffer x, double beta, CudaBuffer y) {
        CudaType type = Objects.requireNonNull(gemm, "the product is null").factors();
        if (gemm.n() != 1 || gemm.transposedB() || gemm.batches() != 1 || type.isHalf()) {
            throw new IllegalArgumentException("a product of " + type + " with n = " + gemm.n()
                    + "; gemv takes one of float32 or double with n = 1 whose b is not transposed, and gemm all");
        }
        long pointerA = pointer("matrix a", a, type, gemm.elementsA());
        long pointerX = pointer("vector x", x, type, gemm.elementsB());
        long pointerY = pointer("vector y", y, type, gemm.elementsC());
        requireApart(pointerY == pointerA ? "matrix a" : "vector x", "vector y", pointerY, pointerA, pointerX);
        // cuBLAS is column-major: it sees the transpose.
        cublas.multiplyVector(handleFor(gemm), new Cublas.Product(
                gemm.transposedA() ? Cublas.AS_IS : Cublas.TRANSPOSED, Cublas.AS_IS,
                gemm.transposedA() ? gemm.m() : gemm.k(), gemm.transposedA() ? gemm.k() : gemm.m(), 1, gemm.lda(),
                gemm.ldb(), gemm.ldc(), type, type), alpha, pointerA, pointerX, beta, pointerY);
    }

    /** Refuses a result in the memory of a factor; {@code other} names that factor. */
    static void requireApart(String other, String what, long result, long first, long second) {
        if (result == first || result == second) {
            throw new IllegalArgumentException(what + " of the product is " + other
                    + " itself; a product needs memory of its own");
        }
    }

    private long handleFor(Gemm gemm) {
        return handles.current().inMode(gemm.tf32() ? Cublas.TF32_MATH
                : gemm.factors() == CudaType.FLOAT32 ? exact : Cublas.DEFAULT_MATH);
    }

    private Cublas.Product productOf(Gemm gemm) {
        Cublas.Product product = lastProduct;
        if (product == null || !gemm.equals(lastGemm)) {
            product = product(gemm);
            lastProduct = product;
            lastGemm = gemm;
        }
        return product;
    }

    /** cuBLAS is column-major: it sees each matrix as its transpose, and is asked for the transposed product. */
    private static Cublas.Product product(Gemm gemm) {
        return new Cublas.Product(gemm.transposedB() ? Cublas.TRANSPOSED : Cublas.AS_IS,
                gemm.transposedA() ? Cublas.TRANSPOSED : Cublas.AS_IS, gemm.n(), gemm.m(), gemm.k(), gemm.ldb(),
                gemm.lda(), gemm.ldc(), gemm.factors(), gemm.result(), gemm.batches(), gemm.strideB(), gemm.strideA(),
                gemm.strideC());
    }
}
