package org.charlstm.cuda;

import org.charlstm.DeviceException;
import org.charlstm.Setting;

/** A call of NVIDIA's libraries that failed: which call, its status by number and name, and what to do. */
public final class CudaException extends DeviceException {
    private static final long serialVersionUID = 1;

    private final String call;
    private final transient StatusTable.Status status;
    private final String detail;

    /** @param detail what the library said of the cause, or empty */
    CudaException(String call, StatusTable.Status status, String detail) {
        super(call + " failed with status " + status.code() + " (" + status.name()
                + (detail.isEmpty() ? "" : ": " + detail) + ")" + (status.hint().isEmpty() ? "" : "; " + status.hint()),
                status.outOfMemory());
        this.call = call;
        this.status = status;
        this.detail = detail;
        mendedBy(status.settings().toArray(Setting[]::new));
    }

    /** The same failure with what was known where it happened, and with another hint. */
    public CudaException with(String known, String hint) {
        return new CudaException(call, new StatusTable.Status(status.code(), status.name(), known + "; " + hint,
                status.outOfMemory(), status.settings()), detail);
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
