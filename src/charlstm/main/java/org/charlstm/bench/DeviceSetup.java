package org.charlstm.bench;

/** A device, for example {@code cuda:1}, and its settings; {@code threads} is 0 if host threads have no effect. */
public record DeviceSetup(String device, String precision, int threads) {
    /** A device setup with the device's own description; {@code hardware} names the hardware without software. */
    public record Summary(String device, String precision, int threads, String hardware, String description) {
    }
}
