package org.charlstm.cuda;

import org.charlstm.DeviceException;

/** A call of NVIDIA's libraries that failed: which call, its status by number and name, and what to do. */
public final class CudaException extends DeviceException {
    private static final long serialVersionUID = 1;

    private final String call;
    /** As the driver gave it, not 0. */
    private final int status;
    /** As its header spells it; for cuDNN's, the reason may follow after a colon. */
    private final String name;

    /**
     * A failure.
     *
     * @param status what it returned, not 0
     * @param name   the status's name; all libraries have one for memory that ran out
     * @param hint   what to do, or empty
     */
    public CudaException(String call, int status, String name, String hint) {
        super(call + " failed with status " + status + " (" + name + ")" + (hint.isEmpty() ? "" : "; " + hint),
                plain(name).contains("OUT_OF_MEMORY") || plain(name).contains("ALLOC"));
        this.call = call;
        this.status = status;
        this.name = name;
    }

    /**
     * The same failure with more to say.
     *
     * @param detail what was known where it happened
     */
    public CudaException with(String detail, String hint) {
        return new CudaException(call, status, name, detail + "; " + hint);
    }

    /**
     * The status by number.
     *
     * @return not 0
     */
    public int status() {
        return status;
    }

    /**
     * The status by name, without what the library said besides.
     *
     * @return as NVIDIA's header spells it
     */
    public String statusName() {
        return plain(name);
    }

    private static String plain(String name) {
        int end = name.indexOf(':');
        return end < 0 ? name : name.substring(0, end);
    }
}
