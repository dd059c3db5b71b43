package org.charlstm.device;

import java.lang.foreign.MemorySegment;

/**
 * A vector of 64-bit reals in device memory. A segment may have any kind and alignment; its values are in the machine's
 * byte order. A wrong number of values, or a read-only segment as the destination, throws an
 * {@link IllegalArgumentException}.
 */
public interface Doubles {
    /** The number of elements, at least 1. */
    int length();

    /** Copies {@link #length} values to the device. */
    void write(double[] values);

    /** Copies {@link #length} values to the device, 8 bytes each. */
    void write(MemorySegment values);

    /** Copies the values to a new array on the host, after all earlier operations. */
    double[] read();

    /** Copies the values to the host, 8 bytes each, after all earlier operations. */
    void read(MemorySegment into);
}
