package org.charlstm.bench;

import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;

/**
 * A device and its settings.
 *
 * @param device    its name, for example {@code cpu} or {@code cuda:1}
 * @param precision the name of a {@link Precision}
 * @param threads   host threads that compute; 0 where they make no difference
 */
public record DeviceSetup(String device, String precision, int threads) {
    /**
     * The same with the device's own description.
     *
     * @param hardware    without software
     * @param description with the versions of driver and libraries
     */
    public record Summary(String device, String precision, int threads, String hardware, String description) {
    }

    DeviceOptions options(Grid.Protocol protocol) {
        return new DeviceOptions(threads, 0, Precision.of(precision), protocol.gpu());
    }
}
