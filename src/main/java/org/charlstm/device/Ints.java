package org.charlstm.device;

/** A vector of 32-bit integers in device memory. */
public interface Ints {
    /** The number of elements, at least 1. */
    int length();

    /**
     * Copies as many values to the device as the vector has.
     *
     * @throws IllegalArgumentException if they are more or fewer
     */
    void write(int[] values);

    /** Copies the values to the host, after all operations before. */
    int[] read();
}
