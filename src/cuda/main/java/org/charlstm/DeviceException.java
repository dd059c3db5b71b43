package org.charlstm;

/** A failure of a device, which tells whether memory was too small. */
public class DeviceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /** Kept apart from other failures, since a user can mend a lack of memory. */
    private final boolean outOfMemory;

    /** A failure; {@code outOfMemory} as {@link #outOfMemory()} tells. */
    public DeviceException(String message, boolean outOfMemory) {
        super(message);
        this.outOfMemory = outOfMemory;
    }

    /** Whether the device's memory was too small, or the request exceeds any memory. */
    public final boolean outOfMemory() {
        return outOfMemory;
    }
}
