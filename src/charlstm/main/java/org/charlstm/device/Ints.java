package org.charlstm.device;

import java.lang.foreign.MemorySegment;

/**
 * A vector of 32-bit integers in device memory. A segment of them may be of any kind and alignment; it has the
 * machine's byte order.
 */
public interface Ints {
    /** The number of elements, at least 1. */
    int length();

    /**
     * Copies as many values to the device as the vector has.
     *
     * @throws IllegalArgumentException if they are more or fewer
     */
    void write(int[] values);

    /**
     * Copies values to the device.
     *
     * @param values 4 bytes for each element, and no more
     * @throws IllegalArgumentException if it is of another size
     */
    void write(MemorySegment values);

    /** Copies the values to a new array on the host, after all operations before. */
    int[] read();

    /**
     * Copies the values to the host, after all operations before.
     *
     * @param into receives 4 bytes for each element, and no more
     * @throws IllegalArgumentException if it is of another size, or read-only
     */
    void read(MemorySegment into);
}
