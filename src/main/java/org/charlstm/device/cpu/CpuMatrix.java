package org.charlstm.device.cpu;

import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/** A row-major matrix of floats; rows are padded with zeros to whole panels. */
record CpuMatrix(int rows, int columns, int stride, float[] values) implements Matrix {
    @Override
    public void write(double[] from) {
        Shapes.require(from.length == rows * columns, "%d values for a matrix of %d x %d", from.length, rows, columns);
        for (int m = 0; m < rows; m++) {
            for (int j = 0; j < columns; j++) {
                values[m * stride + j] = (float) from[m * columns + j];
            }
        }
    }

    @Override
    public double[] read() {
        double[] to = new double[rows * columns];
        for (int m = 0; m < rows; m++) {
            for (int j = 0; j < columns; j++) {
                to[m * columns + j] = values[m * stride + j];
            }
        }
        return to;
    }

    static CpuMatrix of(Matrix matrix) {
        return (CpuMatrix) matrix;
    }

    static CpuMatrix of(Matrix matrix, int rows, int columns) {
        Shapes.matrix(matrix, rows, columns);
        return of(matrix);
    }
}
