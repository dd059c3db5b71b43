package org.charlstm.cuda;

import java.util.Arrays;

/** NCCL's statuses. Values as NVIDIA's documentation of ncclResult_t gives them. */
public enum NcclStatus {
    /** A call of CUDA failed. */
    UNHANDLED_CUDA_ERROR(1, "ncclUnhandledCudaError", "check nvidia-smi; NCCL_DEBUG=WARN has NCCL say which call"),
    /** A call of the system failed, often of its network. */
    SYSTEM_ERROR(2, "ncclSystemError", "NCCL_DEBUG=WARN has NCCL say which call; NCCL_SOCKET_IFNAME chooses the "
            + "network"),
    /** Anything else. */
    INTERNAL_ERROR(3, "ncclInternalError", "NCCL_DEBUG=WARN has NCCL say more"),
    /** An argument that NCCL does not take. */
    INVALID_ARGUMENT(4, "ncclInvalidArgument", "this is a bug in charlstm; please report it"),
    /** Calls that do not go together, such as two ranks on one GPU. */
    INVALID_USAGE(5, "ncclInvalidUsage", "each rank needs a GPU of its own; NCCL_DEBUG=WARN has NCCL say more"),
    /** Another rank failed, or the network to it. */
    REMOTE_ERROR(6, "ncclRemoteError", "another rank failed or cannot be reached; see what it said"),
    /** It is not done yet. */
    IN_PROGRESS(7, "ncclInProgress", "this is a bug in charlstm; please report it");

    private final int code;
    private final String symbol;
    private final String hint;

    NcclStatus(int code, String symbol, String hint) {
        this.code = code;
        this.symbol = symbol;
        this.hint = hint;
    }

    /** The status as a number. */
    public int code() {
        return code;
    }

    /** The status by name. */
    public String symbol() {
        return symbol;
    }

    /**
     * Turns a status other than 0 into an exception.
     *
     * @param detail what NCCL said of it last; empty for nothing
     * @throws CudaException if the status is not 0
     */
    public static void check(String call, int status, String detail) {
        if (status != 0) {
            NcclStatus known = Arrays.stream(values()).filter(value -> value.code == status).findFirst().orElse(null);
            String name = known == null ? "see ncclResult_t" : known.symbol;
            throw new CudaException(call, status, detail.isEmpty() ? name : name + ": " + detail,
                    known == null ? "" : known.hint);
        }
    }
}
