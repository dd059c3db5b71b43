package org.charlstm.device.reference;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.HostMemory;
import org.charlstm.device.host.Shapes;

/** A row-major matrix of doubles. */
record ReferenceMatrix(int rows, int columns, double[] values) implements Matrix {
    @Override
    public void write(double[] from) {
        Shapes.values(this, from.length);
        System.arraycopy(from, 0, values, 0, values.length);
    }

    @Override
    public void write(float[] from) {
        Shapes.values(this, from.length);
        write(MemorySegment.ofArray(from));
    }

    @Override
    public void write(MemorySegment from) {
        Shapes.floats(this, from);
        for (int i = 0; i < values.length; i++) {
            values[i] = from.getAtIndex(JAVA_FLOAT_UNALIGNED, i);
        }
    }

    @Override
    public void read(MemorySegment into) {
        Shapes.floats(this, into);
        for (int i = 0; i < values.length; i++) {
            into.setAtIndex(JAVA_FLOAT_UNALIGNED, i, (float) values[i]);
        }
    }

    @Override
    public double[] read() {
        return values.clone();
    }

    /** A new array of zeros. */
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
