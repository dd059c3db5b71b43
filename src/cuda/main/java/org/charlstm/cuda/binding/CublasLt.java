package org.charlstm.cuda.binding;

import org.charlstm.cuda.CudaException;

/**
 * The functions of cuBLASLt that are called, which comes with cuBLAS: products whose results are changed as they are
 * written. Matrices are column-major, and attributes are given by the address of their value in host memory.
 */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface CublasLt extends NvidiaLibrary {
    /** Attribute of a product: the operation on A, 4 bytes. */
    int OPERATION_A = 3;
    /** The operation on B, 4 bytes. */
    int OPERATION_B = 4;
    /** The function of results, 4 bytes. */
    int EPILOGUE = 7;
    /** The address of the bias, 8 bytes. */
    int BIAS = 8;
    /** Attribute of a preference: bytes of workspace at most, 8 bytes. */
    int MOST_WORKSPACE = 1;
    /** The alignment of A, 4 bytes; B, C and D follow. */
    int ALIGNMENT_A = 5;
    /** Type of sums: float32 whose factors may be rounded to TF32. */
    int COMPUTE_TF32 = 77;
    /** Bytes of an algorithm as it is found, with what is said about it; the algorithm comes first. */
    int RESULT_BYTES = 96;

    /** 10000 x major + 100 x minor + patch. */
    Long cublasLtGetVersion();

    /** A handle, for the current context. */
    long cublasLtCreate();

    void cublasLtDestroy(long handle);

    /** A description of a product, its sums and factors being of these types. */
    long cublasLtMatmulDescCreate(int compute, int scale);

    void cublasLtMatmulDescSetAttribute(long description, int attribute, long value, long bytes);

    void cublasLtMatmulDescDestroy(long description);

    long cublasLtMatrixLayoutCreate(int type, long rows, long columns, long leading);

    void cublasLtMatrixLayoutDestroy(long layout);

    long cublasLtMatmulPreferenceCreate();

    void cublasLtMatmulPreferenceSetAttribute(long preference, int attribute, long value, long bytes);

    void cublasLtMatmulPreferenceDestroy(long preference);

    void cublasLtMatmulAlgoGetHeuristic(long handle, long description, long layoutA, long layoutB, long layoutC,
            long layoutD, long preference, int wanted, long results, int[] found);

    void cublasLtMatmul(long handle, long description, long alpha, long a, long layoutA, long b, long layoutB,
            long beta, long c, long layoutC, long d, long layoutD, long algorithm, long work, long workBytes,
            long stream);

    @Override
    default String remedy() {
        return "install cuBLAS of CUDA 12 or 13";
    }

    @Override
    default void start() {
        cublasLtGetVersion();
    }

    @Override
    default CudaException failure(String call, int status) {
        return StatusTable.CUBLAS.failure(call, status, "", "");
    }
}
