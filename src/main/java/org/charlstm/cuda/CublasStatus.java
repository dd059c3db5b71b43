package org.charlstm.cuda;

import java.util.Arrays;

/** cuBLAS' statuses. Values as NVIDIA's documentation of cublasStatus_t gives them. */
public enum CublasStatus {
    /** No handle, or the library could not start. */
    NOT_INITIALIZED(1, "the GPU may have too little free memory for cuBLAS, or the driver is older than it needs"),
    /** No room on the device. */
    ALLOC_FAILED(3, "use a smaller batch or fewer units, or free the GPU's memory"),
    /** An argument that cuBLAS does not take. */
    INVALID_VALUE(7, "this is a bug in charlstm; please report it"),
    /** A function that the GPU lacks. */
    ARCH_MISMATCH(8, "this cuBLAS does not serve this GPU; install one of another CUDA version"),
    /** Access to memory failed. */
    MAPPING_ERROR(11, "this is a bug in charlstm; please report it"),
    /** The GPU program failed. */
    EXECUTION_FAILED(13, "check nvidia-smi and the system's log"),
    /** Anything else. */
    INTERNAL_ERROR(14, "check nvidia-smi and the system's log"),
    /** Something that cuBLAS does not do. */
    NOT_SUPPORTED(15, "this cuBLAS may not serve this GPU, docs/cuda-binding.md has the versions; if it does, a "
            + "workspace is missing, which is a bug in charlstm: please report it");

    private final int code;
    private final String hint;

    CublasStatus(int code, String hint) {
        this.code = code;
        this.hint = hint;
    }

    /** The status as a number. */
    public int code() {
        return code;
    }

    /**
     * Turns a status other than 0 into an exception.
     *
     * @throws CudaException if the status is not 0
     */
    public static void check(String call, int status) {
        if (status != 0) {
            CublasStatus known = Arrays.stream(values()).filter(value -> value.code == status).findFirst().orElse(null);
            throw new CudaException(call, status, known == null ? "see cublasStatus_t" : "CUBLAS_STATUS_" + known,
                    known == null ? "" : known.hint);
        }
    }
}
