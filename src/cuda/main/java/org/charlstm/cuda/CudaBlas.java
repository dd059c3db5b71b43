package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.Cublas;
import org.jspecify.annotations.Nullable;

/**
 * Products of matrices by cuBLAS, enqueued on the current stream. Each stream has a handle with a workspace of its own,
 * which is made at its first product; {@link #prepare} makes it before work is recorded. Exact by default: float32 is
 * not rounded to TF32 unless the product says so.
 */
public final class CudaBlas {
    private static final long MIB = 1 << 20;
    private static final int HOPPER = 90;

    private final Cuda cuda;
    private final Cublas cublas;
    private final Map<CudaStream, Handle> handles = new HashMap<>();
    /** Those of streams that have ended, for the next streams. */
    private final Deque<Handle> spare = new ArrayDeque<>();
    /** The mode of float32 that is not TF32. */
    private int exact = Cublas.DEFAULT_MATH;
    /** The stream of the last product, and its handle; null before the first. */
    private @Nullable CudaStream lastStream;
    private @Nullable Handle lastHandle;
    /** The last product as cuBLAS takes it, since a loop repeats one; null before the first. */
    private @Nullable Gemm lastGemm;
    private Cublas.@Nullable Product lastProduct;

    private static final class Handle {
        private final long number;
        private final CudaBuffer workspace;
        private int mode = -1;

        Handle(long number, CudaBuffer workspace) {
            this.number = number;
            this.workspace = workspace;
        }
    }

    CudaBlas(Cuda cuda, Cublas cublas) {
        this.cuda = cuda;
        this.cublas = cublas;
    }

    /** cuBLAS' version, for example 13.0.2. */
    public String version() {
        return cublas.version();
    }

    /** Keeps every product in the prescribed precision from now on, which may be slower: cuBLAS' pedantic math. */
    public void pedantic() {
        exact = Cublas.PEDANTIC_MATH;
    }

    /** Makes the handle and workspace of the current stream, which cannot be made while work is recorded. */
    public void prepare() {
        cuda.driver();
        handle(cuda.stream().handle());
    }

    /** That of the current stream, whose number the driver gave. */
    private Handle handle(long current) {
        CudaStream stream = cuda.stream();
        Handle found = stream == lastStream ? lastHandle : handles.get(stream);
        if (found == null) {
            found = spare.isEmpty() ? open() : spare.pop();
            cublas.cublasSetStream_v2(found.number, current);
            // After the stream, since setting that resets the workspace; a recorded product needs one that stays.
            cublas.cublasSetWorkspace_v2(found.number, found.workspace.pointer(), found.workspace.bytes());
            handles.put(stream, found);
        }
        lastStream = stream;
        lastHandle = found;
        return found;
    }

    /** Keeps the handle of a stream that ends for another, once its products are done with the workspace. */
    void forget(CudaStream stream) {
        Handle found = handles.remove(stream);
        if (found != null) {
            lastStream = null;
            stream.awaitEnd();
            spare.push(found);
        }
    }

    /** NVIDIA advises a workspace of 32 MiB from Hopper on. */
    private Handle open() {
        CudaBuffer workspace = cuda.uninitialised(CudaType.INT32,
                (cuda.properties().capability() >= HOPPER ? 32 : 8) * MIB / Integer.BYTES, "cuBLAS workspace");
        // It ends with the GPU; no user has to close it.
        cuda.remove(workspace);
        cuda.driver();
        long number;
        try {
            number = cublas.cublasCreate_v2();
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, workspace::close);
        }
        cuda.own(workspace::close);
        cuda.own(() -> cublas.cublasDestroy_v2(number));
        return new Handle(number, workspace);
    }

    /** c = a b, of float32 matrices without gaps: a is (m,k), b (k,n), c (m,n), row-major. */
    public void multiply(int m, int n, int k, CudaBuffer a, CudaBuffer b, CudaBuffer c) {
        gemm(Gemm.of(m, n, k), 1, a, b, 0, c);
    }

    /**
     * c = alpha op(a) op(b) + beta c. Sums are float32, of doubles double; where c is bf16 or half, cuBLAS may add up
     * partial sums in that type. With beta 0, c is not read.
     *
     * @throws IllegalArgumentException if a buffer has another type or fewer elements than the product says
     */
    public void gemm(Gemm gemm, double alpha, CudaBuffer a, CudaBuffer b, double beta, CudaBuffer c) {
        long pointerA = pointer("a", a, Given.that(gemm, "the product").factors(), gemm.elementsA());
        long pointerB = pointer("b", b, gemm.factors(), gemm.elementsB());
        long pointerC = pointer("c", c, gemm.result(), gemm.elementsC());
        if (pointerC == pointerA || pointerC == pointerB) {
            throw new IllegalArgumentException("matrix c of the product is matrix " + (pointerC == pointerA ? "a" : "b")
                    + " itself; a product needs memory of its own");
        }
        gemm(gemm, alpha, pointerA, pointerB, beta, pointerC);
    }

    private long pointer(String name, CudaBuffer matrix, CudaType type, long elements) {
        long pointer = Given.that(matrix, "the matrix " + name).pointerFor(cuda);
        if (matrix.type() != type || matrix.count() < elements) {
            throw new IllegalArgumentException("matrix " + name + " of the product takes " + elements + " elements of "
                    + type + ", and a buffer of " + matrix.count() + " of " + matrix.type() + " was given");
        }
        return pointer;
    }

    /** The same at device addresses, which nobody checks. */
    public void gemm(Gemm gemm, double alpha, long a, long b, double beta, long c) {
        cuda.driver();
        Given.that(gemm, "the product");
        Handle handle = handle(cuda.current().handle());
        int mode = gemm.tf32() ? Cublas.TF32_MATH : gemm.factors() == CudaType.FLOAT32 ? exact : Cublas.DEFAULT_MATH;
        if (mode != handle.mode) {
            cublas.cublasSetMathMode(handle.number, mode);
            handle.mode = mode;
        }
        Cublas.Product product = lastProduct;
        if (product == null || !gemm.equals(lastGemm)) {
            product = product(gemm);
            lastProduct = product;
            lastGemm = gemm;
        }
        cublas.multiply(handle.number, product, alpha, b, a, beta, c);
    }

    /** cuBLAS is column-major: it sees each matrix as its transpose, and is asked for the transposed product. */
    private static Cublas.Product product(Gemm gemm) {
        return new Cublas.Product(gemm.transposedB() ? Cublas.TRANSPOSED : Cublas.AS_IS,
                gemm.transposedA() ? Cublas.TRANSPOSED : Cublas.AS_IS, gemm.n(), gemm.m(), gemm.k(), gemm.ldb(),
                gemm.lda(), gemm.ldc(), gemm.factors(), gemm.result(), gemm.batches(), gemm.strideB(), gemm.strideA(),
                gemm.strideC());
    }
}
