package org.charlstm.cuda.binding;

import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;

/** The functions of cuBLAS that charlstm calls. Matrices are column-major, as in Fortran. */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface Cublas extends NvidiaLibrary {
    /** Operation: the matrix as it is. */
    int AS_IS = 0;
    /** Operation: the matrix transposed. */
    int TRANSPOSED = 1;
    /** The default math mode: tensor cores where the types of the factors allow them. */
    int DEFAULT_MATH = 0;
    /** Math mode: every product and sum in the prescribed precision, float32 without tensor cores. */
    int PEDANTIC_MATH = 2;
    /** Math mode: float32 products may round their factors to TF32. */
    int TF32_MATH = 3;
    /** Pointer mode: scalar factors and results are in host memory. */
    int SCALARS_OF_HOST = 0;
    /** Pointer mode: scalar factors and results are in device memory. */
    int SCALARS_OF_DEVICE = 1;
    /** Type of sums: float32, as the math mode allows. */
    int COMPUTE_FLOAT32 = 68;
    /** Type of sums: double. */
    int COMPUTE_FLOAT64 = 70;
    /** Algorithm of a product: cuBLAS' own choice. */
    int DEFAULT_ALGORITHM = -1;

    void cublasGetProperty(int which, int[] value);

    /** A handle, for the current context. */
    long cublasCreate_v2();

    void cublasDestroy_v2(long handle);

    /** Also resets the workspace, so {@link #cublasSetWorkspace_v2} must follow. */
    void cublasSetStream_v2(long handle, long stream);

    /** Sets a workspace in device memory, 256-byte aligned. */
    void cublasSetWorkspace_v2(long handle, long pointer, long bytes);

    /** Sets a math mode, for example {@link #DEFAULT_MATH}. */
    void cublasSetMathMode(long handle, int mode);

    /** Sets a pointer mode, for example {@link #SCALARS_OF_HOST}. */
    void cublasSetPointerMode_v2(long handle, int mode);

    void cublasSgemm_v2(long handle, int operationA, int operationB, int m, int n, int k, long alpha, long a, int lda,
            long b, int ldb, long beta, long c, int ldc);

    void cublasGemmEx(long handle, int operationA, int operationB, int m, int n, int k, long alpha, long a, int typeA,
            int lda, long b, int typeB, int ldb, long beta, long c, int typeC, int ldc, int compute, int algorithm);

    void cublasGemmStridedBatchedEx(long handle, int operationA, int operationB, int m, int n, int k, long alpha,
            long a, int typeA, int lda, long strideA, long b, int typeB, int ldb, long strideB, long beta, long c,
            int typeC, int ldc, long strideC, int batches, int compute, int algorithm);

    void cublasGemmBatchedEx(long handle, int operationA, int operationB, int m, int n, int k, long alpha, long arrayA,
            int typeA, int lda, long arrayB, int typeB, int ldb, long beta, long arrayC, int typeC, int ldc,
            int batches,
            int compute, int algorithm);

    void cublasSgemv_v2(long handle, int operation, int m, int n, long alpha, long a, int lda, long x, int stepX,
            long beta, long y, int stepY);

    void cublasDgemv_v2(long handle, int operation, int m, int n, long alpha, long a, int lda, long x, int stepX,
            long beta, long y, int stepY);

    void cublasAxpyEx(long handle, int n, long alpha, int typeAlpha, long x, int typeX, int stepX, long y, int typeY,
            int stepY, int sums);

    void cublasScalEx(long handle, int n, long alpha, int typeAlpha, long x, int typeX, int stepX, int sums);

    void cublasDotEx(long handle, int n, long x, int typeX, int stepX, long y, int typeY, int stepY, long result,
            int typeResult, int sums);

    void cublasNrm2Ex(long handle, int n, long x, int typeX, int stepX, long result, int typeResult, int sums);

    @Override
    default String remedy() {
        return "install cuBLAS of CUDA 12 or 13";
    }

    @Override
    default void start() {
        version();
    }

    @Override
    default CudaException failure(String call, int status) {
        return StatusTable.CUBLAS.failure(call, status, "", "");
    }

    /** The version as people write it, for example 13.0.2. */
    default String version() {
        return property(0) + "." + property(1) + "." + property(2);
    }

    /** The version's first number, which is also the CUDA version's. */
    default int major() {
        return property(0);
    }

    private int property(int which) {
        int[] value = new int[1];
        cublasGetProperty(which, value);
        return value[0];
    }

    /**
     * A product C (m,n) = alpha op(A) (m,k) op(B) (k,n) + beta C, or several of them.
     *
     * @param operationA {@link #AS_IS} or {@link #TRANSPOSED}
     * @param operationB {@link #AS_IS} or {@link #TRANSPOSED}
     * @param lda        leading dimension of A, elements from one column to the next; ldb and ldc likewise
     * @param factors    type of A and B
     * @param result     of C
     * @param batches    number of products; the strides between their matrices are in elements
     */
    record Product(int operationA, int operationB, int m, int n, int k, int lda, int ldb, int ldc, CudaType factors,
            CudaType result, int batches, long strideA, long strideB, long strideC) {
        /** One product. */
        public Product(int operationA, int operationB, int m, int n, int k, int lda, int ldb, int ldc,
                CudaType factors, CudaType result) {
            this(operationA, operationB, m, n, k, lda, ldb, ldc, factors, result, 1, 0, 0, 0);
        }

        /** The type of sums: float32, or double for doubles. */
        public int compute() {
            return factors == CudaType.FLOAT64 ? COMPUTE_FLOAT64 : COMPUTE_FLOAT32;
        }

        /** Whether all matrices are of float32. */
        public boolean inFloat32() {
            return factors == CudaType.FLOAT32 && result == CudaType.FLOAT32;
        }
    }

    /**
     * Calls cublasSgemm for a single float32 product, cublasGemmEx for a single product of other types, or
     * cublasGemmStridedBatchedEx for several products. Sums are float32, or double for doubles.
     */
    default void multiply(long handle, Product of, double alpha, long a, long b, double beta, long c) {
        ProductFactors factors = ProductFactors.of(of.factors(), alpha, beta);
        int type = of.factors().cudaCode();
        int result = of.result().cudaCode();
        if (of.batches() != 1) {
            cublasGemmStridedBatchedEx(handle, of.operationA(), of.operationB(), of.m(), of.n(), of.k(),
                    factors.alpha(), a, type, of.lda(), of.strideA(), b, type, of.ldb(), of.strideB(), factors.beta(),
                    c, result, of.ldc(), of.strideC(), of.batches(), of.compute(), DEFAULT_ALGORITHM);
        } else if (of.inFloat32()) {
            cublasSgemm_v2(handle, of.operationA(), of.operationB(), of.m(), of.n(), of.k(), factors.alpha(), a,
                    of.lda(), b, of.ldb(), factors.beta(), c, of.ldc());
        } else {
            cublasGemmEx(handle, of.operationA(), of.operationB(), of.m(), of.n(), of.k(), factors.alpha(), a, type,
                    of.lda(), b, type, of.ldb(), factors.beta(), c, result, of.ldc(), of.compute(), DEFAULT_ALGORITHM);
        }
    }

    /** Device addresses of three arrays, which hold the device addresses of the matrices. */
    record Arrays(long a, long b, long c) {
    }

    /** Calls cublasGemmBatchedEx: {@code batches} products of the same shape. */
    default void multiplyBatch(long handle, Product of, int batches, double alpha, Arrays matrices, double beta) {
        ProductFactors factors = ProductFactors.of(of.factors(), alpha, beta);
        int type = of.factors().cudaCode();
        cublasGemmBatchedEx(handle, of.operationA(), of.operationB(), of.m(), of.n(), of.k(), factors.alpha(),
                matrices.a(), type, of.lda(), matrices.b(), type, of.ldb(), factors.beta(), matrices.c(),
                of.result().cudaCode(), of.ldc(), batches, of.compute(), DEFAULT_ALGORITHM);
    }

    /**
     * Calls cublasSgemv or cublasDgemv: y = alpha op(A) x + beta y. A is (m,n); ldb and ldc are the strides of x and y.
     */
    default void multiplyVector(long handle, Product of, double alpha, long a, long x, double beta, long y) {
        ProductFactors factors = ProductFactors.of(of.factors(), alpha, beta);
        if (of.factors() == CudaType.FLOAT64) {
            cublasDgemv_v2(handle, of.operationA(), of.m(), of.n(), factors.alpha(), a, of.lda(), x, of.ldb(),
                    factors.beta(), y, of.ldc());
        } else {
            cublasSgemv_v2(handle, of.operationA(), of.m(), of.n(), factors.alpha(), a, of.lda(), x, of.ldb(),
                    factors.beta(), y, of.ldc());
        }
    }

    /** The cudaDataType in which vectors of a type are summed and scaled. */
    private static int sums(CudaType of) {
        return (of == CudaType.FLOAT64 ? CudaType.FLOAT64 : CudaType.FLOAT32).cudaCode();
    }

    /** y = alpha x + y. */
    default void axpy(long handle, CudaType type, int n, double alpha, long x, long y) {
        cublasAxpyEx(handle, n, ProductFactors.of(type, alpha, 0).alpha(), sums(type), x, type.cudaCode(), 1, y,
                type.cudaCode(), 1, sums(type));
    }

    /** x = alpha x. */
    default void scal(long handle, CudaType type, int n, double alpha, long x) {
        cublasScalEx(handle, n, ProductFactors.of(type, alpha, 0).alpha(), sums(type), x, type.cudaCode(), 1,
                sums(type));
    }

    /** Writes the dot product of x and y to the result's address. */
    default void dot(long handle, CudaType type, int n, long x, long y, long result) {
        cublasDotEx(handle, n, x, type.cudaCode(), 1, y, type.cudaCode(), 1, result, type.cudaCode(), sums(type));
    }

    /** Writes the Euclidean norm of x to the result's address. */
    default void nrm2(long handle, CudaType type, int n, long x, long result) {
        cublasNrm2Ex(handle, n, x, type.cudaCode(), 1, result, type.cudaCode(), sums(type));
    }
}
