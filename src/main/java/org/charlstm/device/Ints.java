package org.charlstm.device;

/** A vector of 32-bit integers in device memory. */
public interface Ints {
    /**
     * The number of elements.
     *
     * @return at least 1
     */
    int length();

    /**
     * Copies values to the device.
     *
     * @param values as many as the vector has
     * @throws IllegalArgumentException if the length is another
     */
    void write(int[] values);

    /** Copies the values to the host, after all operations before. */
    int[] read();
}
