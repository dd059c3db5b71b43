package org.charlstm.device;

import java.lang.foreign.MemorySegment;

/**
 * A vector of 32-bit integers in device memory. A segment may have any kind and alignment; its values are in the
 * machine's byte order. A wrong number of values, or a read-only segment as the destination, throws an
 * {@link IllegalArgumentException}.
 */
public interface Ints {
    /** The number of elements, at least 1. */
    int length();

    /** Copies {@link #length} values to the device. */
    void write(int[] values);

    /** Copies {@link #length} values to the device, 4 bytes each. */
    void write(MemorySegment values);

    /** Copies the values to a new array on the host, after all earlier operations. */
    int[] read();

    /** Copies the values to the host, 4 bytes each, after all earlier operations. */
    void read(MemorySegment into);
}
