package org.charlstm.device;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * A matrix in device memory. The device chooses how elements are stored (float32, bf16, double) and rows are padded;
 * the host sees row-major doubles.
 */
public interface Matrix {
    /** The number of rows, at least 1. */
    int rows();

    /** The number of columns, at least 1. */
    int columns();

    /**
     * Copies values to the device, rounded to its storage type.
     *
     * @param values rows x columns, row-major
     * @throws IllegalArgumentException if the length is another
     */
    void write(double[] values);

    /** Copies the values, row-major, to a new array on the host, after all operations before. */
    double[] read();

    /**
     * Lets the host change the values in place, after all operations before.
     *
     * @param change takes rows x columns in float32, row-major, in memory that is valid during the call
     */
    default void change(Consumer<MemorySegment> change) {
        double[] values = read();
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        change.accept(MemorySegment.ofArray(floats));
        for (int i = 0; i < floats.length; i++) {
            values[i] = floats[i];
        }
        write(values);
    }
}
