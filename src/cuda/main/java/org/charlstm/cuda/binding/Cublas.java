package org.charlstm.cuda.binding;

import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;

/**
 * The calls of cuBLAS that are used, one method each. Matrices are column-major, as Fortran and cuBLAS have them. Every
 * method throws {@link CudaException} when cuBLAS reports a status other than 0.
 */
public interface Cublas {
    /** Operation: the matrix as it is. */
    int AS_IS = 0;
    /** Operation: the matrix transposed. */
    int TRANSPOSED = 1;
    /** Math mode: all that the types of the factors allow. */
    int DEFAULT_MATH = 0;
    /** Math mode: every product and sum in the prescribed precision, float32 without tensor cores. */
    int PEDANTIC_MATH = 2;
    /** Math mode: float32 products may round their factors to TF32. */
    int TF32_MATH = 3;
    /** Type of sums: float32, in any way that the math mode allows. */
    int COMPUTE_FLOAT32 = 68;
    /** Type of sums: double. */
    int COMPUTE_FLOAT64 = 70;
    /** Algorithm of a product: cuBLAS' own choice. */
    int DEFAULT_ALGORITHM = -1;

    /** The file that was opened. */
    String place();

    /**
     * cublasGetProperty.
     *
     * @param which 0 for the version's major part, 1 for its minor part, 2 for the patch
     */
    int property(int which);

    /** The version as people write it, for example 13.0.2. */
    default String version() {
        return property(0) + "." + property(1) + "." + property(2);
    }

    /** cublasCreate: a handle, for the current context. */
    long create();

    /** cublasDestroy. */
    void destroy(long handle);

    /** cublasSetStream; it also takes the workspace away, so {@link #setWorkspace} has to follow. */
    void setStream(long handle, long stream);

    /**
     * cublasSetWorkspace.
     *
     * @param pointer device memory, 256-byte aligned
     */
    void setWorkspace(long handle, long pointer, long bytes);

    /**
     * cublasSetMathMode.
     *
     * @param mode   for example {@link #DEFAULT_MATH}
     */
    void setMathMode(long handle, int mode);

    /**
     * A product C (m,n) = alpha op(A) (m,k) op(B) (k,n) + beta C, or several of them.
     *
     * @param operationA {@link #AS_IS} or {@link #TRANSPOSED}
     * @param operationB {@link #AS_IS} or {@link #TRANSPOSED}
     * @param lda        leading dimension of A, elements from one column to the next; ldb and ldc likewise
     * @param factors    of A and B
     * @param result     of C
     * @param batches    how many products; their matrices lie the strides apart, in elements
     */
    record Product(int operationA, int operationB, int m, int n, int k, int lda, int ldb, int ldc, CudaType factors,
            CudaType result, int batches, long strideA, long strideB, long strideC) {
        /** One product. */
        public Product(int operationA, int operationB, int m, int n, int k, int lda, int ldb, int ldc,
                CudaType factors, CudaType result) {
            this(operationA, operationB, m, n, k, lda, ldb, ldc, factors, result, 1, 0, 0, 0);
        }

        /** Sums are float32, of doubles double. */
        public int compute() {
            return factors == CudaType.FLOAT64 ? COMPUTE_FLOAT64 : COMPUTE_FLOAT32;
        }

        /** Whether all matrices are of float32. */
        public boolean inFloat32() {
            return factors == CudaType.FLOAT32 && result == CudaType.FLOAT32;
        }
    }

    /**
     * cublasSgemm for one product of float32, cublasGemmEx for one of other types, cublasGemmStridedBatchedEx for
     * several; sums are float32, of doubles double.
     */
    void multiply(long handle, Product product, double alpha, long a, long b, double beta, long c);
}
