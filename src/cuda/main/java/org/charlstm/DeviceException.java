package org.charlstm;

/** A failure of a device, which tells whether less work at a time would have fitted. */
public class DeviceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /** Told apart from other failures, since a user can mend it. */
    private final boolean outOfMemory;

    /** A failure, and whether the device's memory was too small, or none could hold what was asked for. */
    public DeviceException(String message, boolean outOfMemory) {
        super(message);
        this.outOfMemory = outOfMemory;
    }

    /** Whether the device's memory was too small, or no memory could hold what was asked for. */
    public final boolean outOfMemory() {
        return outOfMemory;
    }
}
