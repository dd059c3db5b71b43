package org.charlstm.cuda;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CublasLt;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * A cuBLASLt product that applies an {@link Epilogue} in the same pass; {@link CudaBlas#plan} makes it. The plan runs
 * on the current stream, and can be recorded after {@link CudaBlas#prepare}.
 */
public final class GemmPlan extends CudaObject {
    /** The alignment of matrices in bytes: every buffer has it, a view may not. */
    private static final int ALIGNMENT = 16;

    private final CublasLt lt;
    private final long handle;
    private final CublasHandles handles;
    private final Gemm gemm;
    private final Epilogue epilogue;
    private final Resources resources = new Resources();
    private final long description;
    private final long layoutA;
    private final long layoutB;
    private final long layoutC;
    /** The floats alpha = 1 and beta = 0, an attribute at byte 16, and the algorithm from byte 64 on. */
    private final MemorySegment memory = Arena.ofAuto().allocate(64 + CublasLt.RESULT_BYTES, Long.BYTES);
    /** The bias' address in the description; 0 for none. */
    private long bias;

    GemmPlan(Cuda cuda, CublasLt lt, long handle, CublasHandles handles, Gemm gemm, Epilogue epilogue) {
        super(cuda, "a plan of a product");
        this.lt = lt;
        this.handle = handle;
        this.handles = handles;
        this.gemm = Objects.requireNonNull(gemm, "the product is null");
        this.epilogue = Objects.requireNonNull(epilogue, "the epilogue is null");
        if (gemm.batches() != 1 || gemm.factors() == CudaType.FLOAT64) {
            throw new IllegalArgumentException("a plan of " + gemm.batches() + " products of " + gemm.factors()
                    + "; it is of one, of float32, half or bf16");
        }
        memory.set(ValueLayout.JAVA_FLOAT, 0, 1);
        cuda.driver();
        try {
            description = lt.cublasLtMatmulDescCreate(gemm.tf32() ? CublasLt.COMPUTE_TF32 : Cublas.COMPUTE_FLOAT32,
                    CudaType.FLOAT32.cudaCode());
            resources.add(() -> lt.cublasLtMatmulDescDestroy(description));
            // cuBLASLt is column-major and sees each matrix transposed, so it computes the transposed product.
            set(CublasLt.OPERATION_A, gemm.transposedB() ? Cublas.TRANSPOSED : Cublas.AS_IS);
            set(CublasLt.OPERATION_B, gemm.transposedA() ? Cublas.TRANSPOSED : Cublas.AS_IS);
            set(CublasLt.EPILOGUE, epilogue.code());
            layoutA = layout(gemm.factors(), gemm.transposedA() ? gemm.m() : gemm.k(),
                    gemm.transposedA() ? gemm.k() : gemm.m(), gemm.lda());
            layoutB = layout(gemm.factors(), gemm.transposedB() ? gemm.k() : gemm.n(),
                    gemm.transposedB() ? gemm.n() : gemm.k(), gemm.ldb());
            layoutC = layout(gemm.result(), gemm.n(), gemm.m(), gemm.ldc());
            findAlgorithm();
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
        opened();
    }

    private void set(int attribute, int value) {
        memory.set(ValueLayout.JAVA_INT, 16, value);
        lt.cublasLtMatmulDescSetAttribute(description, attribute, memory.address() + 16, Integer.BYTES);
    }

    private long layout(CudaType type, int rows, int columns, int leading) {
        long made = lt.cublasLtMatrixLayoutCreate(type.cudaCode(), rows, columns, leading);
        resources.add(() -> lt.cublasLtMatrixLayoutDestroy(made));
        return made;
    }

    private void findAlgorithm() {
        long preference = lt.cublasLtMatmulPreferenceCreate();
        try (Resources whileFinding = new Resources()) {
            whileFinding.add(() -> lt.cublasLtMatmulPreferenceDestroy(preference));
            memory.set(ValueLayout.JAVA_LONG, 16, handles.current().workBytes());
            lt.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.MOST_WORKSPACE, memory.address() + 16,
                    Long.BYTES);
            memory.set(ValueLayout.JAVA_INT, 16, ALIGNMENT);
            for (int matrix = 0; matrix < 4; matrix++) {
                lt.cublasLtMatmulPreferenceSetAttribute(preference, CublasLt.ALIGNMENT_A + matrix,
                        memory.address() + 16, Integer.BYTES);
            }
            int[] found = new int[1];
            lt.cublasLtMatmulAlgoGetHeuristic(handle, description, layoutB, layoutA, layoutC, layoutC, preference, 1,
                    memory.address() + 64, found);
            if (found[0] < 1) {
                throw new CharlstmException("cuBLASLt has no algorithm for " + gemm + " with " + epilogue);
            }
        }
    }

    /** The shape. */
    public Gemm gemm() {
        return gemm;
    }

    /** The function applied to the result. */
    public Epilogue epilogue() {
        return epilogue;
    }

    /**
     * Computes c = a b, with the epilogue applied.
     *
     * @throws IllegalArgumentException if the epilogue has a bias, or a buffer does not fit the product
     */
    public void run(CudaBuffer a, CudaBuffer b, CudaBuffer c) {
        requireGiven(a, b, c);
        if (epilogue.hasBias()) {
            throw new IllegalArgumentException("the epilogue " + epilogue + " wants a bias; give one before c");
        }
        multiply(a, b, c, 0);
    }

    /**
     * Computes c = a b + bias, with the epilogue applied.
     *
     * @param added an element of the result's type for each column of c
     * @throws IllegalArgumentException if the epilogue has no bias, or a buffer does not fit the product
     */
    public void run(CudaBuffer a, CudaBuffer b, CudaBuffer added, CudaBuffer c) {
        requireGiven(a, b, c);
        Objects.requireNonNull(added, "the bias is null");
        if (!epilogue.hasBias()) {
            throw new IllegalArgumentException("the epilogue " + epilogue + " has no bias, and one was given");
        }
        long pointer = CudaBlas.pointer(cuda(), "the bias", added, gemm.result(), gemm.n());
        if (pointer == c.pointerFor(cuda())) {
            throw new IllegalArgumentException("the bias is matrix c itself; a product needs memory of its own");
        }
        multiply(a, b, c, pointer);
    }

    private static void requireGiven(CudaBuffer a, CudaBuffer b, CudaBuffer c) {
        Objects.requireNonNull(a, "the matrix a is null");
        Objects.requireNonNull(b, "the matrix b is null");
        Objects.requireNonNull(c, "the matrix c is null");
    }

    private void multiply(CudaBuffer a, CudaBuffer b, CudaBuffer c, long pointerBias) {
        requireOpen();
        long pointerA = aligned("matrix a", a, gemm.factors(), gemm.elementsA());
        long pointerB = aligned("matrix b", b, gemm.factors(), gemm.elementsB());
        long pointerC = aligned("matrix c", c, gemm.result(), gemm.elementsC());
        CudaBlas.requireApart(pointerC == pointerA ? "matrix a" : "matrix b", "matrix c", pointerC, pointerA, pointerB);
        CublasHandles.Handle onStream = handles.current();
        cuda().current().uses(this);
        if (pointerBias != bias) {
            memory.set(ValueLayout.JAVA_LONG, 16, pointerBias);
            lt.cublasLtMatmulDescSetAttribute(description, CublasLt.BIAS, memory.address() + 16, Long.BYTES);
            bias = pointerBias;
        }
        lt.cublasLtMatmul(handle, description, memory.address(), pointerB, layoutB, pointerA, layoutA,
                memory.address() + Float.BYTES, pointerC, layoutC, pointerC, layoutC, memory.address() + 64,
                onStream.workPointer(), onStream.workBytes(), cuda().current().handle());
    }

    private long aligned(String name, CudaBuffer buffer, CudaType type, long elements) {
        long pointer = CudaBlas.pointer(cuda(), name, buffer, type, elements);
        if (pointer % ALIGNMENT != 0) {
            throw new IllegalArgumentException(name + " of the product does not begin at a multiple of " + ALIGNMENT
                    + " bytes; buffers do, and views that begin at such an element");
        }
        return pointer;
    }

    @Override
    void release(CudaDriver driver) {
        resources.close();
    }
}
