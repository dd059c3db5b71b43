package org.charlstm.bench;

/** A device, {@code cuda:1} for example, and its settings; 0 threads of the host where they make no difference. */
public record DeviceSetup(String device, String precision, int threads) {
    /** The same with the device's own description, and its hardware without software. */
    public record Summary(String device, String precision, int threads, String hardware, String description) {
    }
}
