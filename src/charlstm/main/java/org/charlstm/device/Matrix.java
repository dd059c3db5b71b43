package org.charlstm.device;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import module java.base;

/**
 * A matrix in device memory. The device chooses how elements are stored (float32, bf16, double) and rows are padded;
 * the host sees them row-major, as float32 or double. A value that the storage lacks is rounded to the nearest; NaN and
 * infinities stay. A segment may be of any kind and alignment; it has float32 in the machine's byte order.
 */
public interface Matrix {
    /** The number of rows, at least 1. */
    int rows();

    /** The number of columns, at least 1. */
    int columns();

    /**
     * Copies values to the device.
     *
     * @param values rows x columns, row-major
     * @throws IllegalArgumentException if they are more or fewer
     */
    void write(double[] values);

    /**
     * Copies values to the device, without a conversion where it stores float32.
     *
     * @param values rows x columns, row-major
     * @throws IllegalArgumentException if they are more or fewer
     */
    void write(float[] values);

    /**
     * Copies values to the device, without a conversion where it stores float32.
     *
     * @param values rows x columns of float32, row-major: 4 bytes each, and no more
     * @throws IllegalArgumentException if it is of another size
     */
    void write(MemorySegment values);

    /** Copies the values, row-major, to a new array on the host, after all operations before. */
    double[] read();

    /** Copies the values, row-major, to a new array of float32 on the host, after all operations before. */
    default float[] readFloats() {
        float[] values = new float[Math.multiplyExact(rows(), columns())];
        read(MemorySegment.ofArray(values));
        return values;
    }

    /**
     * Copies the values to the host, after all operations before.
     *
     * @param into receives rows x columns of float32, row-major: 4 bytes each, and no more
     * @throws IllegalArgumentException if it is of another size, or read-only
     */
    void read(MemorySegment into);

    /**
     * Lets the host change the values, after all operations before.
     *
     * @param change takes rows x columns in float32, row-major, in memory that is valid during the call
     */
    default void change(Consumer<MemorySegment> change) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(JAVA_FLOAT, (long) rows() * columns());
            read(values);
            change.accept(values);
            write(values);
        }
    }
}
