package org.charlstm.device.gpu.tools;

import java.util.Objects;
import org.charlstm.cuda.CudaType;

/**
 * A row-major matrix in device memory, as kernels and products take it; {@code leading} is the stride between rows, in
 * elements. A kernel gets the pointer. A product may use the transpose; {@code rows} and {@code columns} are always
 * those of the matrix as it is stored.
 */
public record GpuView(long pointer, CudaType type, int rows, int columns, int leading, boolean transposed) {
    /** No matrix: a null pointer, which kernels take for zeros or for nothing to write. Its rows are also none. */
    public static final GpuView NONE = new GpuView(0, CudaType.FLOAT32, 0, 0, 0, false);

    /** A matrix without gaps between rows. */
    public static GpuView of(long pointer, CudaType type, int rows, int columns) {
        return new GpuView(pointer, type, rows, columns, columns, false);
    }

    public boolean isNone() {
        return pointer == 0;
    }

    public long count() {
        return (long) rows * columns;
    }

    /** {@code some} rows from {@code first} on. */
    public GpuView rows(int first, int some) {
        if (isNone()) {
            return NONE;
        }
        Objects.checkFromIndexSize(first, some, rows);
        return new GpuView(pointer + (long) type.bytes() * first * leading, type, some, columns, leading, transposed);
    }

    /** {@code some} columns from {@code first} on. */
    public GpuView columns(int first, int some) {
        Objects.checkFromIndexSize(first, some, columns);
        return new GpuView(pointer + (long) type.bytes() * first, type, rows, some, leading, transposed);
    }

    /** The same matrix, whose transpose a product uses. */
    public GpuView transpose() {
        return new GpuView(pointer, type, rows, columns, leading, !transposed);
    }
}
