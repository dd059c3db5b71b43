package org.charlstm.device.reference;

import org.charlstm.device.Matrix;
import org.charlstm.device.host.HostMemory;
import org.charlstm.device.host.Shapes;

/** A row-major matrix of doubles. */
record ReferenceMatrix(int rows, int columns, double[] values) implements Matrix {
    @Override
    public void write(double[] from) {
        Shapes.require(from.length == values.length, "%d values for a matrix of %d", from.length, values.length);
        System.arraycopy(from, 0, values, 0, values.length);
    }

    @Override
    public double[] read() {
        return values.clone();
    }

    /** Zeros. */
    static double[] doubles(long count) {
        return HostMemory.array(count, Double.BYTES, double[]::new);
    }

    static double[] of(Matrix matrix) {
        return ((ReferenceMatrix) matrix).values;
    }

    static double[] of(Matrix matrix, int rows, int columns) {
        Shapes.matrix(matrix, rows, columns);
        return of(matrix);
    }
}
