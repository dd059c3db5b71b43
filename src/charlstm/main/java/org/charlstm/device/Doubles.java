package org.charlstm.device;

import java.lang.foreign.MemorySegment;

/**
 * A vector of 64-bit reals in device memory. A segment of them may be of any kind and alignment; it has the machine's
 * byte order.
 */
public interface Doubles {
    /** The number of elements, at least 1. */
    int length();

    /**
     * Copies as many values to the device as the vector has.
     *
     * @throws IllegalArgumentException if they are more or fewer
     */
    void write(double[] values);

    /**
     * Copies values to the device.
     *
     * @param values 8 bytes for each element, and no more
     * @throws IllegalArgumentException if it is of another size
     */
    void write(MemorySegment values);

    /** Copies the values to a new array on the host, after all operations before. */
    double[] read();

    /**
     * Copies the values to the host, after all operations before.
     *
     * @param into receives 8 bytes for each element, and no more
     * @throws IllegalArgumentException if it is of another size, or read-only
     */
    void read(MemorySegment into);
}
