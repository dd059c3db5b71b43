package org.charlstm.device;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import module java.base;

/**
 * A matrix in device memory. The device chooses how elements are stored (float32, bf16, double) and rows are padded;
 * the host sees them row-major, as float32 or double. A value that the storage lacks is rounded to the nearest; NaN and
 * infinities stay. A segment may be of any kind and alignment; it has float32 in the machine's byte order. More or
 * fewer values, and a segment to read into that is read-only, are an {@link IllegalArgumentException}.
 */
public interface Matrix {
    /** The number of rows, at least 1. */
    int rows();

    /** The number of columns, at least 1. */
    int columns();

    /** Copies rows x columns values, row-major, to the device. */
    void write(double[] values);

    /** The same, without a conversion where the device stores float32. */
    void write(float[] values);

    /** The same from a segment of float32, 4 bytes each. */
    void write(MemorySegment values);

    /** Copies the values, row-major, to a new array on the host, after all operations before. */
    double[] read();

    /** Copies the values, row-major, to a new array of float32 on the host, after all operations before. */
    default float[] readFloats() {
        float[] values = new float[Math.multiplyExact(rows(), columns())];
        read(MemorySegment.ofArray(values));
        return values;
    }

    /** Copies the values, row-major float32, to a segment on the host, after all operations before. */
    void read(MemorySegment into);

    /** Lets the host change the values, row-major float32 in memory that is valid during the call, after all before. */
    default void change(Consumer<MemorySegment> change) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(JAVA_FLOAT, (long) rows() * columns());
            read(values);
            change.accept(values);
            write(values);
        }
    }
}
