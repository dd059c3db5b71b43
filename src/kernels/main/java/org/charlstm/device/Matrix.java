package org.charlstm.device;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import module java.base;

/**
 * A matrix in device memory. The device chooses the storage type (float32, bf16 or double) and the padding of rows; the
 * host sees row-major elements in float32 or double. Values are rounded to the nearest value of the storage type; NaN
 * and infinities stay. A segment may have any kind and alignment; it holds float32 in the machine's byte order. A wrong
 * number of values, or a read-only segment as the destination, throws an {@link IllegalArgumentException}.
 */
public interface Matrix {
    /** The number of rows, at least 1. */
    int rows();

    /** The number of columns, at least 1. */
    int columns();

    /** Copies rows x columns values, row-major, to the device. */
    void write(double[] values);

    /** Copies values as above, without a conversion if the device stores float32. */
    void write(float[] values);

    /** Copies values as above from a segment of float32, 4 bytes each. */
    void write(MemorySegment values);

    /** Copies the values, row-major, to a new array on the host, after all earlier operations. */
    double[] read();

    /** Copies the values, row-major, to a new array of float32 on the host, after all earlier operations. */
    default float[] readFloats() {
        float[] values = new float[Math.multiplyExact(rows(), columns())];
        read(MemorySegment.ofArray(values));
        return values;
    }

    /** Copies the values, row-major float32, to a segment on the host, after all earlier operations. */
    void read(MemorySegment into);

    /** Lets the host change the values, row-major float32, after all earlier operations, during the call only. */
    default void change(Consumer<MemorySegment> change) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment values = arena.allocate(JAVA_FLOAT, (long) rows() * columns());
            read(values);
            change.accept(values);
            write(values);
        }
    }
}
