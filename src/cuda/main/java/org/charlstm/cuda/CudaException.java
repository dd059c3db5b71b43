package org.charlstm.cuda;

import java.util.Set;
import org.charlstm.DeviceException;

/** A call of NVIDIA's libraries that failed: which call, its status by number and name, and what to do. */
public final class CudaException extends DeviceException {
    private static final long serialVersionUID = 1;

    private static final int ASSERT = 710;
    /** After these, by cuda.h of CUDA 13.0, no call to the GPU succeeds in this process, or until it is opened anew. */
    private static final Set<Integer> BREAKING = Set.of(226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 911);

    private final String call;
    private final transient Status status;
    private final String detail;
    /** Words of the place where it happened, or empty. */
    private final String known;

    /**
     * A status other than 0.
     *
     * @param name      as NVIDIA's header spells it; empty if it stands for a range, or is unknown
     * @param hint      what to do, or empty
     * @param ofProgram whether the program is at fault that made the call or wrote the kernel
     */
    public record Status(int code, String name, String hint, boolean outOfMemory, boolean ofProgram) {
    }

    /** For bindings: of the function that failed, with what the library said of the cause, or empty. */
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

    /** The library's words on the cause, or empty. */
    String detail() {
        return detail;
    }

    /** The same failure with what was known where it happened, and with another hint. */
    public CudaException with(String more, String hint) {
        return new CudaException(call, new Status(status.code(), status.name(), hint, status.outOfMemory(),
                status.ofProgram()), detail, more);
    }

    /** The same failure with another hint, of somebody who knows more of the program. */
    public CudaException with(String hint) {
        return with(known, hint);
    }

    /**
     * Whether the program is at fault that made the call or wrote the kernel, by what NVIDIA's library says: a wrong
     * argument, or a kernel that failed.
     */
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
     * Whether a kernel's fault has broken the GPU's context: every later call fails with the same status, through every
     * {@link Cuda} of this process, and through other libraries in it. Buffers and their contents are lost. Closing
     * works, and throws the failure only where no call of the same {@code Cuda} has thrown it before.
     */
    public boolean breaksContext() {
        return BREAKING.contains(status.code());
    }

    /**
     * Whether only another process can go on, as cuda.h says of all that {@linkplain #breaksContext break the context}
     * but an {@code assert} in a kernel (CUDA_ERROR_ASSERT). After that the program closes every {@code Cuda} of the
     * GPU, and opens it again.
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
