package org.charlstm.device;

import java.lang.foreign.MemorySegment;

/**
 * A vector of 32-bit integers in device memory. A segment may be of any kind and alignment, in the machine's byte
 * order. More or fewer values, or a read-only segment to read into, are an {@link IllegalArgumentException}.
 */
public interface Ints {
    /** The number of elements, at least 1. */
    int length();

    /** Copies as many values to the device as the vector has. */
    void write(int[] values);

    /** Copies values to the device, 4 bytes each. */
    void write(MemorySegment values);

    /** Copies the values to a new array on the host, after all operations before. */
    int[] read();

    /** Copies the values to the host, 4 bytes each, after all operations before. */
    void read(MemorySegment into);
}
