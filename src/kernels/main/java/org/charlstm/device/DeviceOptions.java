package org.charlstm.device;

import org.charlstm.cuda.Precision;

/**
 * Options of devices; a device ignores the options that do not concern it. They are the number of host threads, or 0
 * for one on every processor; the number of the GPU, from 0; the precision; and the options of a GPU.
 */
public record DeviceOptions(int threads, int number, Precision precision, GpuOptions gpu) {
    /** One thread on every processor, the first GPU, exact float32. */
    public static final DeviceOptions DEFAULT = new DeviceOptions(0);

    /** Refuses a negative number. */
    public DeviceOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; it must be 0 (all processors) or more");
        }
        if (number < 0) {
            throw new IllegalArgumentException("the GPU's number is " + number + "; it must be 0 or more");
        }
    }

    /** The defaults with a number of host threads, or 0 for one per processor. */
    public DeviceOptions(int threads) {
        this(threads, 0, Precision.FLOAT32, GpuOptions.DEFAULT);
    }

    /** These options with another number of host threads, or 0 for one per processor. */
    public DeviceOptions withThreads(int other) {
        return new DeviceOptions(other, number, precision, gpu);
    }

    /** These options with another GPU, counted from 0. */
    public DeviceOptions withNumber(int other) {
        return new DeviceOptions(threads, other, precision, gpu);
    }

    /** These options with another precision. */
    public DeviceOptions withPrecision(Precision other) {
        return new DeviceOptions(threads, number, other, gpu);
    }

    /** These options with other options of a GPU. */
    public DeviceOptions with(GpuOptions other) {
        return new DeviceOptions(threads, number, precision, other);
    }
}
