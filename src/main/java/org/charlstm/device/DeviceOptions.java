package org.charlstm.device;

import java.util.List;

/**
 * What a user may say about a device.
 *
 * @param threads      host threads that compute, or 0 for one on every processor
 * @param number       which GPU, from 0
 * @param rnnAlgorithm how cuDNN runs the LSTM, for example {@code persist-static}, or {@code auto} for the fastest
 */
public record DeviceOptions(int threads, int number, String rnnAlgorithm) {
    /** What may be said of cuDNN's algorithm. */
    public static final List<String> RNN_ALGORITHMS =
            List.of("auto", "standard", "persist-static", "persist-dynamic", "persist-static-small-h");
    /** One thread on every processor, the first GPU, the fastest algorithm. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(0);

    /** Refuses a negative number and an unknown algorithm. */
    public DeviceOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 0 (all processors) or more");
        }
        if (number < 0) {
            throw new IllegalArgumentException("the GPU's number is " + number + "; it must be 0 or more");
        }
        if (!RNN_ALGORITHMS.contains(rnnAlgorithm)) {
            throw new IllegalArgumentException("no algorithm of cuDNN's is called '" + rnnAlgorithm + "'; there are "
                    + String.join(", ", RNN_ALGORITHMS));
        }
    }

    /**
     * The first GPU and the fastest algorithm.
     *
     * @param threads host threads that compute, or 0 for one on every processor
     */
    public DeviceOptions(int threads) {
        this(threads, 0, "auto");
    }
}
