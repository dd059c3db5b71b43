package org.charlstm.device;

/**
 * What a user may say about a device.
 *
 * @param threads host threads that compute, or 0 for one on every processor
 */
public record DeviceOptions(int threads) {
    /** One thread on every processor. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(0);

    /** Refuses a negative number of threads. */
    public DeviceOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 0 (all processors) or more");
        }
    }
}
