package org.charlstm.device.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/**
 * A matrix of float32 in device memory, row-major, without padding.
 *
 * @param rows    rows
 * @param columns columns
 * @param buffer  the elements
 */
record CudaMatrix(int rows, int columns, CudaBuffer buffer) implements Matrix {
    static CudaMatrix of(Matrix matrix) {
        return (CudaMatrix) matrix;
    }

    /** A matrix that has to have this shape. */
    static CudaMatrix of(Matrix matrix, int rows, int columns) {
        Shapes.matrix(matrix, rows, columns);
        return of(matrix);
    }

    long count() {
        return (long) rows * columns;
    }

    long pointer() {
        return buffer.pointer();
    }

    /** The device pointer of an element of a flat buffer. */
    long pointer(int offset) {
        return buffer.pointer() + (long) Float.BYTES * offset;
    }

    @Override
    public void write(double[] values) {
        Shapes.require(values.length == count(), "%d values for a matrix of %d x %d", values.length, rows, columns);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_FLOAT, values.length);
            for (int i = 0; i < values.length; i++) {
                host.setAtIndex(JAVA_FLOAT, i, (float) values[i]);
            }
            buffer.write(host);
        }
    }

    @Override
    public double[] read() {
        double[] values = new double[Math.toIntExact(count())];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(JAVA_FLOAT, values.length);
            buffer.read(host);
            for (int i = 0; i < values.length; i++) {
                values[i] = host.getAtIndex(JAVA_FLOAT, i);
            }
        }
        return values;
    }
}
