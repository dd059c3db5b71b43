package org.charlstm.bench;

import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;

/** A device, {@code cuda:1} for example, and its settings; 0 threads of the host where they make no difference. */
public record DeviceSetup(String device, String precision, int threads) {
    /** The same with the device's own description, and its hardware without software. */
    public record Summary(String device, String precision, int threads, String hardware, String description) {
    }

    DeviceOptions options(Grid.Protocol protocol) {
        return new DeviceOptions(threads, 0, Precision.of(precision), protocol.gpu());
    }
}
