package org.charlstm.cuda.binding;

import org.charlstm.cuda.CudaException;

/**
 * The functions of cuBLASLt that charlstm calls: products with epilogues. cuBLASLt comes with cuBLAS. Matrices are
 * column-major; an attribute is given by its value's address in host memory.
 */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface CublasLt extends NvidiaLibrary {
    /** Attribute of a product: the operation on A, 4 bytes. */
    int OPERATION_A = 3;
    /** Attribute of a product: the operation on B, 4 bytes. */
    int OPERATION_B = 4;
    /** Attribute of a product: the epilogue, 4 bytes. */
    int EPILOGUE = 7;
    /** Attribute of a product: the address of the bias, 8 bytes. */
    int BIAS = 8;
    /** Attribute of a preference: the most bytes of workspace, 8 bytes. */
    int MOST_WORKSPACE = 1;
    /** Attribute of a preference: the alignment of A, 4 bytes; the numbers for B, C and D follow. */
    int ALIGNMENT_A = 5;
    /** Type of sums: float32, with factors that may be rounded to TF32. */
    int COMPUTE_TF32 = 77;
    /** Bytes of a heuristic's result; the algorithm comes first in the result. */
    int RESULT_BYTES = 96;

    /** The version: 10000 x major + 100 x minor + patch. */
    Long cublasLtGetVersion();

    /** A handle, for the current context. */
    long cublasLtCreate();

    void cublasLtDestroy(long handle);

    /** A description of a product, with the types of sums and scalar factors. */
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
