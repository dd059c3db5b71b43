package org.charlstm.cuda;

import java.util.Set;
import org.charlstm.DeviceException;

/** A failed call of NVIDIA's libraries. The message names the call, its status by number and name, and what to do. */
public final class CudaException extends DeviceException {
    private static final long serialVersionUID = 1;

    private static final int ASSERT = 710;
    /**
     * Statuses after which no call succeeds in this process, or until the GPU is opened anew, by CUDA 13.0's cuda.h.
     */
    private static final Set<Integer> BREAKING = Set.of(226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 911);

    private final String call;
    private final transient Status status;
    private final String detail;
    /** Facts from the place of the failure, or empty. */
    private final String known;

    /**
     * A failure's status, which is never 0.
     *
     * @param name      as NVIDIA's header spells it; empty for an unknown status or one that stands for a range
     * @param hint      what to do, or empty
     * @param ofProgram whether the calling program or its kernel is at fault
     */
    public record Status(int code, String name, String hint, boolean outOfMemory, boolean ofProgram) {
    }

    /**
     * For bindings: a failure of the function {@code call}; {@code detail} is the library's text on the cause, or
     * empty.
     */
    public CudaException(String call, Status status, String detail) {
        this(call, status, detail, "");
    }

    private CudaException(String call, Status status, String detail, String known) {
        super(call + " failed with status " + status.code() + " (" + status.name()
                + (detail.isEmpty() ? "" : ": " + detail) + ")" + (known.isEmpty() ? "" : "; " + known)
                + (status.hint().isEmpty() ? "" : "; " + status.hint()), status.outOfMemory());
        this.call = call;
        this.status = status;
        this.detail = detail;
        this.known = known;
        if (breaksContext()) {
            CudaContext.breaks();
        }
    }

    /** The library's text on the cause, or empty. */
    String detail() {
        return detail;
    }

    /** The same failure with facts from the place of the failure, and with another hint. */
    public CudaException with(String more, String hint) {
        return new CudaException(call, new Status(status.code(), status.name(), hint, status.outOfMemory(),
                status.ofProgram()), detail, more);
    }

    /** The same failure with another hint, from a caller that knows more of the program. */
    public CudaException with(String hint) {
        return with(known, hint);
    }

    /** Whether the calling program is at fault, by the library's status: a wrong argument, or a kernel that failed. */
    public boolean ofProgram() {
        return status.ofProgram();
    }

    /** Whether the message says what to do. */
    boolean hasHint() {
        return !status.hint().isEmpty();
    }

    /** The function that failed, as NVIDIA names it. */
    public String call() {
        return call;
    }

    /**
     * Whether a kernel's fault has broken the GPU's context. Every later call in this process then fails with the same
     * status, through every {@link Cuda} and through other libraries. Buffers and their contents are lost. Closing
     * works, and throws the failure only if no call of the same {@code Cuda} has thrown it before.
     */
    public boolean breaksContext() {
        return BREAKING.contains(status.code());
    }

    /**
     * Whether only a new process can go on. By cuda.h this is true of every status that {@linkplain #breaksContext
     * breaks the context} except CUDA_ERROR_ASSERT, an {@code assert} in a kernel: after an {@code assert} the program
     * closes every {@code Cuda} of the GPU, and opens it again.
     */
    public boolean needsNewProcess() {
        return breaksContext() && status.code() != ASSERT;
    }

    /** The status by number, never 0. */
    public int status() {
        return status.code();
    }

    /** The status by name, as NVIDIA's header spells it. */
    public String statusName() {
        return status.name();
    }
}
