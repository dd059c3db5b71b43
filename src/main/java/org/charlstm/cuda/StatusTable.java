package org.charlstm.cuda;

import java.util.List;
import java.util.Optional;
import org.charlstm.Setting;

/**
 * The statuses of each of NVIDIA's libraries that a user can do something about, by the numbers of the library's
 * header. Any other nonzero status is a failure too; the library may know its name.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists are immutable.
public enum StatusTable {
    /** CUDA's driver. */
    DRIVER("CUresult in cuda.h", "", List.of(
            new Status(1, "CUDA_ERROR_INVALID_VALUE", Hint.BUG),
            Status.outOfMemory(2, "CUDA_ERROR_OUT_OF_MEMORY", Hint.LESS_MEMORY),
            new Status(3, "CUDA_ERROR_NOT_INITIALIZED", Hint.BUG),
            new Status(100, "CUDA_ERROR_NO_DEVICE", "no GPU is visible; check nvidia-smi and CUDA_VISIBLE_DEVICES"),
            new Status(101, "CUDA_ERROR_INVALID_DEVICE", "check CUDA_VISIBLE_DEVICES"),
            new Status(209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "the kernels were not compiled for this GPU"),
            new Status(222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "update the GPU driver"),
            new Status(500, "CUDA_ERROR_NOT_FOUND", ""),
            new Status(700, "CUDA_ERROR_ILLEGAL_ADDRESS", Hint.BUG),
            new Status(719, "CUDA_ERROR_LAUNCH_FAILED", Hint.BUG),
            new Status(803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "restart the machine after a driver update"),
            new Status(900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", Hint.BUG),
            new Status(999, "CUDA_ERROR_UNKNOWN", Hint.CHECK_GPU))),

    /** cuBLAS. */
    CUBLAS("cublasStatus_t", "", List.of(
            new Status(1, "CUBLAS_STATUS_NOT_INITIALIZED",
                    "the GPU may have too little free memory for cuBLAS, or the driver is older than it needs"),
            Status.outOfMemory(3, "CUBLAS_STATUS_ALLOC_FAILED", Hint.LESS_MEMORY),
            new Status(7, "CUBLAS_STATUS_INVALID_VALUE", Hint.BUG),
            new Status(8, "CUBLAS_STATUS_ARCH_MISMATCH",
                    "this cuBLAS does not serve this GPU; install one of another CUDA version"),
            new Status(11, "CUBLAS_STATUS_MAPPING_ERROR", Hint.BUG),
            new Status(13, "CUBLAS_STATUS_EXECUTION_FAILED", Hint.CHECK_GPU),
            new Status(14, "CUBLAS_STATUS_INTERNAL_ERROR", Hint.CHECK_GPU),
            new Status(15, "CUBLAS_STATUS_NOT_SUPPORTED",
                    "this cuBLAS may not serve this GPU, docs/cuda-binding.md has the versions; if it does, a "
                            + "workspace is missing, which is a bug in charlstm: please report it"))),

    /** cuDNN 9, whose statuses come in ranges of a thousand, each with one cause. */
    CUDNN("cudnnStatus_t", Hint.CHECK_GPU, List.of(
            new Status(1000, "", "the GPU may have too little free memory for cuDNN, or one of cuDNN's own libraries "
                    + "is missing"),
            new Status(2000, "", Hint.BUG),
            new Status(3000, "", "this cuDNN does not do this for this shape or GPU; try another rnn-algo", false,
                    List.of(Setting.CUDNN_ALGORITHM)),
            Status.outOfMemory(4003, "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED", Hint.CHECK_GPU),
            Status.outOfMemory(4004, "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED", Hint.CHECK_GPU))),

    /** NVRTC. */
    NVRTC("nvrtcResult in nvrtc.h", "", List.of(
            Status.outOfMemory(1, "NVRTC_ERROR_OUT_OF_MEMORY", "free some of the machine's memory"),
            new Status(3, "NVRTC_ERROR_INVALID_INPUT", Hint.BUG),
            new Status(4, "NVRTC_ERROR_INVALID_PROGRAM", Hint.BUG),
            new Status(5, "NVRTC_ERROR_INVALID_OPTION", "this NVRTC may not know the GPU; install a newer one"),
            new Status(6, "NVRTC_ERROR_COMPILATION", Hint.BUG),
            new Status(7, "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE",
                    "libnvrtc-builtins of the same version has to lie beside libnvrtc"),
            new Status(11, "NVRTC_ERROR_INTERNAL_ERROR", "try another version of NVRTC"))),

    /** NCCL. */
    NCCL("ncclResult_t", "", List.of(
            new Status(1, "ncclUnhandledCudaError", "check nvidia-smi; NCCL_DEBUG=WARN has NCCL say which call"),
            new Status(2, "ncclSystemError", "NCCL_DEBUG=WARN has NCCL say which call; NCCL_SOCKET_IFNAME chooses the "
                    + "network"),
            new Status(3, "ncclInternalError", "NCCL_DEBUG=WARN has NCCL say more"),
            new Status(4, "ncclInvalidArgument", Hint.BUG),
            new Status(5, "ncclInvalidUsage", "each rank needs a GPU of its own; NCCL_DEBUG=WARN has NCCL say more"),
            new Status(6, "ncclRemoteError", "another rank failed or cannot be reached; see what it said"),
            new Status(7, "ncclInProgress", Hint.BUG)));

    private static final int RANGE = 1000;

    private final String type;
    private final String otherHint;
    private final List<Status> statuses;

    StatusTable(String type, String otherHint, List<Status> statuses) {
        this.type = type;
        this.otherHint = otherHint;
        this.statuses = statuses;
    }

    private static final class Hint {
        static final String BUG = "this is a bug in charlstm; please report it";
        static final String CHECK_GPU = "check nvidia-smi and the system's log";
        static final String LESS_MEMORY = "use a smaller batch or fewer units, or free the GPU's memory";
    }

    /**
     * A status other than 0.
     *
     * @param name     as the header spells it; empty if it stands for a range, or is unknown
     * @param hint     what to do, or empty
     * @param settings what mends it, besides those that need less memory
     */
    public record Status(int code, String name, String hint, boolean outOfMemory, List<Setting> settings) {
        private Status(int code, String name, String hint) {
            this(code, name, hint, false, List.of());
        }

        private static Status outOfMemory(int code, String name, String hint) {
            return new Status(code, name, hint, true, List.of());
        }
    }

    /** The statuses that are listed. */
    public List<Status> statuses() {
        return statuses;
    }

    /**
     * Checks the status of a call.
     *
     * @throws CudaException if the status is not 0
     */
    public void check(String call, int status) {
        if (status != 0) {
            throw failure(call, status, "", "");
        }
    }

    /**
     * The exception for a status other than 0.
     *
     * @param name   what the library calls it, if it is not listed here; empty if it does not say
     * @param detail what the library says of the cause, or empty
     */
    public CudaException failure(String call, int status, String name, String detail) {
        Status found = listed(status).or(() -> this == CUDNN ? listed(status / RANGE * RANGE) : Optional.empty())
                .orElse(new Status(status, "", otherHint));
        String known = !found.name.isEmpty() ? found.name : !name.isEmpty() ? name : "see " + type;
        return new CudaException(call, new Status(status, known, found.hint, found.outOfMemory, found.settings),
                detail);
    }

    private Optional<Status> listed(int code) {
        return statuses.stream().filter(status -> status.code == code).findFirst();
    }
}
