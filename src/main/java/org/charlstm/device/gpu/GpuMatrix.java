package org.charlstm.device.gpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/**
 * A matrix in device memory, row-major, without padding.
 *
 * @param rows    rows
 * @param columns columns
 */
public record GpuMatrix(int rows, int columns, CudaType type, CudaBuffer buffer) implements Matrix {
    private static final int BFLOAT16_SHIFT = 16;
    private static final int DRAWN_SEED = 1;
    /** So many random numbers are drawn and repeated; a prime, so that they do not repeat along a dimension. */
    private static final int DRAWN = 65_521;

    public static GpuMatrix of(Matrix matrix) {
        return (GpuMatrix) matrix;
    }

    /** A matrix that has to have this shape. */
    public static GpuMatrix of(Matrix matrix, int rows, int columns) {
        Shapes.matrix(matrix, rows, columns);
        return of(matrix);
    }

    public long count() {
        return (long) rows * columns;
    }

    /** Whether elements are bf16, as kernels are told. */
    public int bf16() {
        return type.bf16();
    }

    public long pointer() {
        return buffer.pointer();
    }

    /** The device pointer of an element. */
    public long pointer(int offset) {
        return buffer.pointer() + (long) type.bytes() * offset;
    }

    /** Writes random numbers from -limit to limit over the first so many elements, for trials. */
    void fillRandomly(CudaContext context, long count, double limit) {
        int some = (int) Math.min(count, DRAWN);
        new GpuMatrix(1, some, type, buffer)
                .write(new SplittableRandom(DRAWN_SEED).doubles(some, -limit, limit).toArray());
        for (long done = some; done < count; done *= 2) {
            context.driver().copy(pointer() + type.bytes() * done, pointer(),
                    type.bytes() * Math.min(done, count - done), context.stream());
        }
    }

    @Override
    public void write(double[] values) {
        Shapes.require(values.length == count(), "%d values for a matrix of %d x %d", values.length, rows, columns);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate((long) type.bytes() * values.length, Float.BYTES);
            for (int i = 0; i < values.length; i++) {
                if (type == CudaType.FLOAT32) {
                    host.setAtIndex(JAVA_FLOAT, i, (float) values[i]);
                } else {
                    host.setAtIndex(JAVA_SHORT, i, bfloat16((float) values[i]));
                }
            }
            buffer.write(host);
        }
    }

    @Override
    public double[] read() {
        double[] values = new double[Math.toIntExact(count())];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate((long) type.bytes() * values.length, Float.BYTES);
            buffer.read(host);
            for (int i = 0; i < values.length; i++) {
                values[i] = type == CudaType.FLOAT32 ? host.getAtIndex(JAVA_FLOAT, i)
                        : Float.intBitsToFloat(host.getAtIndex(JAVA_SHORT, i) << BFLOAT16_SHIFT);
            }
        }
        return values;
    }

    @Override
    public void change(Consumer<MemorySegment> change) {
        if (type != CudaType.FLOAT32) {
            Matrix.super.change(change);
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(type.bytes() * count(), Float.BYTES);
            buffer.read(host);
            change.accept(host);
            buffer.write(host);
        }
    }

    /** To nearest, ties to even; a NaN stays one. */
    private static short bfloat16(float value) {
        int bits = Float.floatToIntBits(value);
        int rounded = Float.isNaN(value) ? bits : bits + 0x7fff + (bits >>> BFLOAT16_SHIFT & 1);
        return (short) (rounded >>> BFLOAT16_SHIFT);
    }
}
