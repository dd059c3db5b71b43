package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaException.Status;

/**
 * The statuses of each of NVIDIA's libraries that a user can do something about, by the numbers of the library's
 * header. Any other nonzero status is a failure too; the library may know its name.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists are immutable.
public enum StatusTable {
    /** CUDA's driver. */
    DRIVER("CUresult in cuda.h", "", List.of(
            ofProgram(1, "CUDA_ERROR_INVALID_VALUE", Hint.CALLER),
            outOfMemory(2, "CUDA_ERROR_OUT_OF_MEMORY", Hint.LESS_MEMORY),
            ofProgram(3, "CUDA_ERROR_NOT_INITIALIZED",
                    "the driver was not started in this process, or has ended with it"),
            status(34, "CUDA_ERROR_STUB_LIBRARY",
                    "this libcuda is a toolkit's stub and no driver: install the GPU driver; in a container, give it "
                            + "the GPUs (docker run --gpus all)"),
            status(36, "CUDA_ERROR_CALL_REQUIRES_NEWER_DRIVER", Hint.OLD_DRIVER),
            status(46, "CUDA_ERROR_DEVICE_UNAVAILABLE",
                    "another process has the GPU to itself, or nobody may compute on it: end that one, or set the "
                            + "compute mode back (nvidia-smi -c 0); with MIG on, name an instance of nvidia-smi -L in "
                            + "CUDA_VISIBLE_DEVICES"),
            status(100, "CUDA_ERROR_NO_DEVICE", "no GPU is visible; check nvidia-smi and CUDA_VISIBLE_DEVICES"),
            status(101, "CUDA_ERROR_INVALID_DEVICE", "check CUDA_VISIBLE_DEVICES"),
            status(209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "the kernels were not compiled for this GPU"),
            status(214, "CUDA_ERROR_ECC_UNCORRECTABLE",
                    "the GPU's memory has lost data: start the program again; if it comes back, end all programs on "
                            + "this GPU and reset it (nvidia-smi -r), or take another"),
            status(218, "CUDA_ERROR_INVALID_PTX", "the PTX does not compile for this GPU"),
            status(222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", Hint.OLD_DRIVER),
            status(500, "CUDA_ERROR_NOT_FOUND", ""),
            status(200, "CUDA_ERROR_INVALID_IMAGE", "this is no CUBIN, fat binary or PTX"),
            ofProgram(400, "CUDA_ERROR_INVALID_HANDLE", Hint.CALLER),
            status(600, "CUDA_ERROR_NOT_READY", "the work is not done; wait for it first"),
            ofProgram(700, "CUDA_ERROR_ILLEGAL_ADDRESS",
                    "a kernel went beyond its buffers: check its indices, its arguments and their sizes" + Hint.WHERE),
            ofProgram(701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
                    "a block of this kernel needs more registers than there are: take fewer threads, as maxThreads() "
                            + "of the kernel says"),
            ofProgram(716, "CUDA_ERROR_MISALIGNED_ADDRESS",
                    "a kernel was given an address where its elements cannot lie: check its views"),
            ofProgram(710, "CUDA_ERROR_ASSERT", "an assert of a kernel does not hold; the program's output says which"),
            ofProgram(719, "CUDA_ERROR_LAUNCH_FAILED", "a kernel failed" + Hint.WHERE),
            status(802, "CUDA_ERROR_SYSTEM_NOT_READY",
                    "the driver waits for a service: on a machine with NVSwitch start the fabric manager of the "
                            + "driver's own version (systemctl start nvidia-fabricmanager), for a container on its host"),
            status(803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", "restart the machine after a driver update"),
            status(804, "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE",
                    "cuda-compat does not serve this GPU: take its folder out of LD_LIBRARY_PATH, and update the GPU "
                            + "driver if that is too old"),
            status(900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "this call cannot be recorded; make it before"),
            status(901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
                    "a call before this one could not be recorded; make that one before the recording"),
            status(904, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED",
                    "let the recorded stream wait for each stream that waited for it"),
            ofProgram(912, "CUDA_ERROR_INVALID_CLUSTER_SIZE",
                    "take a grid of whole clusters, and no more than 8 blocks a cluster, in the shape that the kernel "
                            + "was compiled for"),
            status(999, "CUDA_ERROR_UNKNOWN", Hint.CHECK_GPU))),

    /** cuBLAS. */
    CUBLAS("cublasStatus_t", "", List.of(
            status(1, "CUBLAS_STATUS_NOT_INITIALIZED",
                    "the GPU may have too little free memory for cuBLAS, or the driver is older than it needs"),
            outOfMemory(3, "CUBLAS_STATUS_ALLOC_FAILED", Hint.LESS_MEMORY),
            ofProgram(7, "CUBLAS_STATUS_INVALID_VALUE", Hint.CALLER),
            status(8, "CUBLAS_STATUS_ARCH_MISMATCH",
                    "this cuBLAS does not serve this GPU; install one of another CUDA version"),
            status(11, "CUBLAS_STATUS_MAPPING_ERROR", Hint.CHECK_GPU),
            status(13, "CUBLAS_STATUS_EXECUTION_FAILED", Hint.CHECK_GPU),
            status(14, "CUBLAS_STATUS_INTERNAL_ERROR", Hint.CHECK_GPU),
            ofProgram(15, "CUBLAS_STATUS_NOT_SUPPORTED",
                    "this cuBLAS may not serve this GPU, docs/cuda-binding.md has the versions; if it does, it has no "
                            + "such product, or lacks a workspace"))),

    /** cuDNN 9, whose statuses come in ranges of a thousand, each with one cause. */
    CUDNN("cudnnStatus_t", Hint.CHECK_GPU, List.of(
            status(1000, "", "the GPU may have too little free memory for cuDNN, or one of cuDNN's own libraries "
                    + "is missing"),
            ofProgram(2000, "", Hint.CALLER),
            status(3000, "", "this cuDNN does not do this for this shape or GPU; try another algorithm"),
            outOfMemory(4003, "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED", Hint.CHECK_GPU),
            outOfMemory(4004, "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED", Hint.CHECK_GPU))),

    /** NVRTC. */
    NVRTC("nvrtcResult in nvrtc.h", "", List.of(
            outOfMemory(1, "NVRTC_ERROR_OUT_OF_MEMORY", "free some of the machine's memory"),
            ofProgram(3, "NVRTC_ERROR_INVALID_INPUT", Hint.CALLER),
            ofProgram(4, "NVRTC_ERROR_INVALID_PROGRAM", Hint.CALLER),
            status(5, "NVRTC_ERROR_INVALID_OPTION",
                    "check the options; if there are none, this NVRTC may not know the GPU: install a newer one"),
            status(6, "NVRTC_ERROR_COMPILATION", ""),
            status(7, "NVRTC_ERROR_BUILTIN_OPERATION_FAILURE",
                    "libnvrtc-builtins of the same version has to lie beside libnvrtc"),
            status(11, "NVRTC_ERROR_INTERNAL_ERROR", "try another version of NVRTC"))),

    /** NCCL. */
    NCCL("ncclResult_t", "", List.of(
            status(1, "ncclUnhandledCudaError", "check nvidia-smi, and that the GPU driver is not older than NCCL's "
                    + "CUDA; NCCL_DEBUG=WARN has NCCL say which call"),
            status(2, "ncclSystemError", "NCCL_DEBUG=WARN has NCCL say which call; NCCL_SOCKET_IFNAME chooses the "
                    + "network"),
            status(3, "ncclInternalError", "NCCL_DEBUG=WARN has NCCL say more"),
            ofProgram(4, "ncclInvalidArgument", Hint.CALLER),
            status(5, "ncclInvalidUsage", "each rank needs a GPU of its own; NCCL_DEBUG=WARN has NCCL say more"),
            status(6, "ncclRemoteError", "another rank failed or cannot be reached; see what it said"),
            status(7, "ncclInProgress", "an operation before it has not ended; wait, and check() it")));

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
        static final String CALLER =
                "check what was given to this call: its sizes, and that each address and handle is "
                        + "of this GPU and open";
        /** Left out where the library has said it. */
        static final String WHERE = "; compute-sanitizer, or the simulated GPU, says where";
        static final String OLD_DRIVER = "the GPU driver is older than the CUDA that made this: update the driver, or "
                + "take libraries and a compiler of its CUDA or an older one";
        static final String CHECK_GPU = "check nvidia-smi and the system's log";
        static final String LESS_MEMORY = "free what is not needed, or take less at a time";
    }

    private static Status status(int code, String name, String hint) {
        return new Status(code, name, hint, false, false);
    }

    private static Status ofProgram(int code, String name, String hint) {
        return new Status(code, name, hint, false, true);
    }

    private static Status outOfMemory(int code, String name, String hint) {
        return new Status(code, name, hint, true, false);
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
                .orElse(status(status, "", otherHint));
        String known = !found.name().isEmpty() ? found.name() : !name.isEmpty() ? name : "see " + type;
        String hint = detail.isEmpty() ? found.hint() : found.hint().replace(Hint.WHERE, "");
        return new CudaException(call, new Status(status, known, hint, found.outOfMemory(), found.ofProgram()),
                detail);
    }

    private Optional<Status> listed(int code) {
        return statuses.stream().filter(status -> status.code() == code).findFirst();
    }
}
