package org.charlstm.device;

import java.lang.foreign.MemorySegment;

/**
 * A vector of 64-bit reals in device memory. A segment may be of any kind and alignment, in the machine's byte order.
 * More or fewer values, or a read-only segment to read into, are an {@link IllegalArgumentException}.
 */
public interface Doubles {
    /** The number of elements, at least 1. */
    int length();

    /** Copies as many values to the device as the vector has. */
    void write(double[] values);

    /** Copies values to the device, 8 bytes each. */
    void write(MemorySegment values);

    /** Copies the values to a new array on the host, after all operations before. */
    double[] read();

    /** Copies the values to the host, 8 bytes each, after all operations before. */
    void read(MemorySegment into);
}
