package org.charlstm.device.cpu.tools;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.HostMemory;
import org.charlstm.device.host.Shapes;

/** A row-major matrix of floats; rows are padded with zeros to whole panels. */
public record CpuMatrix(int rows, int columns, int stride, float[] values) implements Matrix {
    /** The initial value of a field that holds a matrix. */
    public static final CpuMatrix EMPTY = new CpuMatrix(0, 0, 0, new float[0]);

    @Override
    public void write(double[] from) {
        Shapes.values(this, from.length);
        for (int m = 0; m < rows; m++) {
            for (int j = 0; j < columns; j++) {
                values[at(m) + j] = (float) from[m * columns + j];
            }
        }
    }

    @Override
    public void write(float[] from) {
        Shapes.values(this, from.length);
        write(MemorySegment.ofArray(from));
    }

    @Override
    public void write(MemorySegment from) {
        Shapes.floats(this, from);
        for (int m = 0; m < rows; m++) {
            MemorySegment.copy(from, JAVA_FLOAT_UNALIGNED, rowBytes(m), values, at(m), columns);
        }
    }

    @Override
    public void read(MemorySegment into) {
        Shapes.floats(this, into);
        for (int m = 0; m < rows; m++) {
            MemorySegment.copy(values, at(m), into, JAVA_FLOAT_UNALIGNED, rowBytes(m), columns);
        }
    }

    /** The number of bytes before a row of a matrix without padding. */
    private long rowBytes(int row) {
        return (long) Float.BYTES * row * columns;
    }

    @Override
    public double[] read() {
        double[] to = new double[rows * columns];
        for (int m = 0; m < rows; m++) {
            for (int j = 0; j < columns; j++) {
                to[m * columns + j] = values[at(m) + j];
            }
        }
        return to;
    }

    @Override
    public void change(Consumer<MemorySegment> change) {
        if (rows > 1) {
            Matrix.super.change(change);
        } else {
            change.accept(MemorySegment.ofArray(values).asSlice((long) Float.BYTES * at(0), rowBytes(1)));
        }
    }

    /** A new array of zeros for {@code count} floats from {@link Lanes#ORIGIN} on. */
    public static float[] floats(long count) {
        return HostMemory.array(ORIGIN + count, Float.BYTES, float[]::new);
    }

    /** The index in the values where a row begins. */
    public int at(int row) {
        return ORIGIN + row * stride;
    }

    /** Casts a matrix of this device; a matrix of another device throws a {@link ClassCastException}. */
    public static CpuMatrix of(Matrix matrix) {
        return (CpuMatrix) matrix;
    }

    /** Casts a matrix of a shape; another shape throws an {@link IllegalArgumentException}. */
    public static CpuMatrix of(Matrix matrix, int rows, int columns) {
        Shapes.matrix(matrix, rows, columns);
        return of(matrix);
    }

    /** The layout of tensors of one shape, one after the other; their rows are padded like matrix rows. */
    public record Layout(int tensors, int rows, int columns) implements WeightLayout {
        @Override
        public int size() {
            return tensors * rows * padded(columns);
        }

        private int row(int tensor, int row) {
            return (tensor * rows + row) * padded(columns);
        }

        @Override
        public void pack(double[][] from, double[] flat, int offset) {
            for (int i = 0; i < tensors; i++) {
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(from[i], row * columns, flat, offset + row(i, row), columns);
                }
            }
        }

        @Override
        public double[][] unpack(double[] flat, int offset) {
            double[][] to = new double[tensors][rows * columns];
            for (int i = 0; i < tensors; i++) {
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(flat, offset + row(i, row), to[i], row * columns, columns);
                }
            }
            return to;
        }
    }
}
