package org.charlstm.device;

/**
 * A matrix in device memory. How an element is stored (float32, bf16, double) and how rows are padded is the device's
 * own affair; the host sees row-major doubles.
 */
public interface Matrix {
    /**
     * The number of rows.
     *
     * @return at least 1
     */
    int rows();

    /**
     * The number of columns.
     *
     * @return at least 1
     */
    int columns();

    /**
     * Copies values to the device, rounded to its storage type.
     *
     * @param values rows x columns, row-major
     * @throws IllegalArgumentException if the length is another
     */
    void write(double[] values);

    /**
     * Copies the values to the host, after all operations before.
     *
     * @return rows x columns, row-major, a new array
     */
    double[] read();
}
