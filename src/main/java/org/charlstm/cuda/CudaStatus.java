package org.charlstm.cuda;

import java.util.Arrays;
import java.util.function.IntFunction;

/** The driver's statuses that a user can do something about. Values as in cuda.h. */
public enum CudaStatus {
    /** An argument that the driver does not take. */
    INVALID_VALUE(1, "CUDA_ERROR_INVALID_VALUE", "this is a bug in charlstm; please report it"),
    /** No room on the device. */
    OUT_OF_MEMORY(2, "CUDA_ERROR_OUT_OF_MEMORY", "use a smaller batch or fewer units, or free the GPU's memory"),
    /** The driver has not been initialised. */
    NOT_INITIALIZED(3, "CUDA_ERROR_NOT_INITIALIZED", "this is a bug in charlstm; please report it"),
    /** A driver without a device. */
    NO_DEVICE(100, "CUDA_ERROR_NO_DEVICE", "no GPU is visible; check nvidia-smi and CUDA_VISIBLE_DEVICES"),
    /** A device number that is not there. */
    INVALID_DEVICE(101, "CUDA_ERROR_INVALID_DEVICE", "check CUDA_VISIBLE_DEVICES"),
    /** Machine code for another architecture. */
    NO_BINARY(209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "the kernels were not compiled for this GPU"),
    /** Code of a newer toolkit than the driver knows. */
    UNSUPPORTED_PTX(222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "update the GPU driver"),
    /** A name that the module lacks. */
    NOT_FOUND(500, "CUDA_ERROR_NOT_FOUND", ""),
    /** A kernel touched memory that it must not. */
    ILLEGAL_ADDRESS(700, "CUDA_ERROR_ILLEGAL_ADDRESS", "this is a bug in charlstm; please report it"),
    /** A kernel stopped. */
    LAUNCH_FAILED(719, "CUDA_ERROR_LAUNCH_FAILED", "this is a bug in charlstm; please report it"),
    /** The driver is older than the libraries need. */
    SYSTEM_DRIVER_MISMATCH(803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "restart the machine after a driver update"),
    /** An operation that cannot be recorded. */
    STREAM_CAPTURE_UNSUPPORTED(900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
            "this is a bug in charlstm; please report it"),
    /** Anything else. */
    UNKNOWN(999, "CUDA_ERROR_UNKNOWN", "check nvidia-smi and the system's log");

    private final int code;
    private final String symbol;
    private final String hint;

    CudaStatus(int code, String symbol, String hint) {
        this.code = code;
        this.symbol = symbol;
        this.hint = hint;
    }

    /** The status as a number. */
    public int code() {
        return code;
    }

    /** The status' name. */
    public String symbol() {
        return symbol;
    }

    /**
     * Turns a status other than 0 into an exception.
     *
     * @param names  names those that are not listed here
     * @throws CudaException if the status is not 0
     */
    public static void check(String call, int status, IntFunction<String> names) {
        if (status != 0) {
            CudaStatus known = Arrays.stream(values()).filter(value -> value.code == status).findFirst().orElse(null);
            throw new CudaException(call, status, known == null ? names.apply(status) : known.symbol,
                    known == null ? "" : known.hint);
        }
    }
}
