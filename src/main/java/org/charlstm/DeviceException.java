package org.charlstm;

import java.util.List;

/** A failure of a device, which tells whether less work at a time would have fitted. */
public class DeviceException extends CharlstmException {
    private static final long serialVersionUID = 1;

    /** Told apart from other failures, since a user can mend it. */
    private final boolean outOfMemory;

    /**
     * A failure.
     *
     * @param message     one line: what, where, what to do
     * @param outOfMemory whether the device's memory was too small, or none could hold what was asked for
     */
    public DeviceException(String message, boolean outOfMemory) {
        super(message);
        this.outOfMemory = outOfMemory;
    }

    /**
     * Whether the device's memory was too small, or no memory could hold what was asked for.
     *
     * @return false for any other failure
     */
    public final boolean outOfMemory() {
        return outOfMemory;
    }

    /** Where memory was too small and no settings were named, those that need less of it. */
    @Override
    public final List<Setting> settings() {
        return outOfMemory && super.settings().isEmpty() ? List.of(Setting.BATCH_SIZE, Setting.UNITS)
                : super.settings();
    }
}
