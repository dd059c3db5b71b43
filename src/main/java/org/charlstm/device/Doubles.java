package org.charlstm.device;

/** A vector of 64-bit reals in device memory. */
public interface Doubles {
    /** The number of elements, at least 1. */
    int length();

    /**
     * Copies as many values to the device as the vector has.
     *
     * @throws IllegalArgumentException if they are more or fewer
     */
    void write(double[] values);

    /** Copies the values to the host, after all operations before. */
    double[] read();
}
