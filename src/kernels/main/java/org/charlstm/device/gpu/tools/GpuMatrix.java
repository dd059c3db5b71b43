package org.charlstm.device.gpu.tools;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import module java.base;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/** A matrix in device memory, row-major, without padding. */
public record GpuMatrix(int rows, int columns, CudaType type, CudaBuffer buffer) implements Matrix {
    private static final int DRAWN_SEED = 1;
    /** The count of random numbers, which then repeat: a prime, so they do not repeat along a dimension. */
    private static final int DRAWN = 65_521;

    public static GpuMatrix of(Matrix matrix) {
        return (GpuMatrix) matrix;
    }

    /** Casts a matrix that must have this shape. */
    public static GpuMatrix of(Matrix matrix, int rows, int columns) {
        Shapes.matrix(matrix, rows, columns);
        return of(matrix);
    }

    public long count() {
        return (long) rows * columns;
    }

    /** 1 if the elements are bf16, else 0, as kernels expect. */
    public int bf16() {
        return type.bf16();
    }

    public long pointer() {
        return buffer.pointer();
    }

    public long pointer(int offset) {
        return buffer.pointer() + (long) type.bytes() * offset;
    }

    public GpuView view() {
        return GpuView.of(pointer(), type, rows, columns);
    }

    public GpuView view(int offset, int ofRows, int ofColumns) {
        return GpuView.of(pointer(offset), type, ofRows, ofColumns);
    }

    /** Fills the first {@code count} elements with random numbers from -limit to limit, for trials. */
    public void fillRandomly(long count, double limit) {
        int some = (int) Math.min(count, DRAWN);
        new GpuMatrix(1, some, type, buffer)
                .write(new SplittableRandom(DRAWN_SEED).doubles(some, -limit, limit).toArray());
        for (long done = some; done < count; done *= 2) {
            long next = Math.min(done, count - done);
            buffer.view(done, next).copyFrom(buffer.view(0, next));
        }
    }

    @Override
    public void write(double[] values) {
        Shapes.values(this, values.length);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        buffer.write(floats);
    }

    @Override
    public void write(float[] values) {
        Shapes.values(this, values.length);
        buffer.write(values);
    }

    @Override
    public void write(MemorySegment values) {
        Shapes.floats(this, values);
        if (type == CudaType.FLOAT32) {
            buffer.write(values);
        } else {
            buffer.write(values.toArray(JAVA_FLOAT_UNALIGNED));
        }
    }

    @Override
    public double[] read() {
        float[] floats = readFloats();
        double[] values = new double[floats.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    @Override
    public float[] readFloats() {
        float[] floats = new float[Math.toIntExact(count())];
        buffer.read(floats);
        return floats;
    }

    @Override
    public void read(MemorySegment into) {
        Shapes.floats(this, into);
        if (type == CudaType.FLOAT32) {
            buffer.read(Shapes.writable(into));
        } else {
            float[] floats = readFloats();
            MemorySegment.copy(floats, 0, into, JAVA_FLOAT_UNALIGNED, 0, floats.length);
        }
    }
}
