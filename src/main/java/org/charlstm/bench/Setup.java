package org.charlstm.bench;

import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Precision;

/**
 * A device as it is set up.
 *
 * @param device    its name, for example {@code cpu} or {@code cuda:1}
 * @param precision the name of a {@link Precision}
 * @param threads   host threads that compute; 0 where they make no difference
 */
public record Setup(String device, String precision, int threads) {
    /** What to say of it when it is opened. */
    DeviceOptions options(Protocol protocol) {
        return new DeviceOptions(threads, 0, protocol.rnnAlgorithm(), protocol.graphs(), Precision.of(precision),
                protocol.cudaBinding());
    }
}
