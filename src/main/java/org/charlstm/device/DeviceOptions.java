package org.charlstm.device;

import java.util.LinkedHashMap;
import java.util.Map;
import org.charlstm.cuda.Precision;

/**
 * What a user may say about a device.
 *
 * @param threads   host threads that compute, or 0 for one on every processor
 * @param number    which GPU, from 0
 * @param precision how exactly a GPU computes
 * @param own       what only some devices know, by the names of {@link DeviceProvider#options}; the others ignore it
 */
public record DeviceOptions(int threads, int number, Precision precision, Map<String, String> own) {
    /** One thread on every processor, the first GPU, exact float32, all else as is usual. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(0);

    /** Refuses a negative number. */
    public DeviceOptions {
        own = Map.copyOf(own);
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 0 (all processors) or more");
        }
        if (number < 0) {
            throw new IllegalArgumentException("the GPU's number is " + number + "; it must be 0 or more");
        }
    }

    /**
     * The defaults but for the threads.
     *
     * @param threads host threads that compute, or 0 for one on every processor
     */
    public DeviceOptions(int threads) {
        this(threads, 0, Precision.FLOAT32, Map.of());
    }

    /**
     * The same for another GPU.
     *
     * @param other from 0
     */
    public DeviceOptions withNumber(int other) {
        return new DeviceOptions(threads, other, precision, own);
    }

    /**
     * The same in another precision.
     *
     * @param other how exactly a GPU computes
     */
    public DeviceOptions withPrecision(Precision other) {
        return new DeviceOptions(threads, number, other, own);
    }

    /**
     * The same with an option that only some devices know.
     *
     * @param name  for example {@code rnn-algo}
     * @param value one of those that {@link DeviceProvider#options} lists
     */
    public DeviceOptions with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(own);
        more.put(name, value);
        return new DeviceOptions(threads, number, precision, more);
    }
}
