package org.charlstm.device.gpu.tools;

import java.util.Objects;
import org.charlstm.cuda.CudaType;

/**
 * A matrix somewhere in device memory, row-major, with {@code leading} elements from one row to the next, as kernels
 * and products take it. A kernel gets its pointer. A product may take its transpose; rows and columns are those of the
 * matrix as it is stored.
 */
public record GpuView(long pointer, CudaType type, int rows, int columns, int leading, boolean transposed) {
    /** No matrix, and no part of it either: a null pointer, which kernels take for zeros or for nothing to write. */
    public static final GpuView NONE = new GpuView(0, CudaType.FLOAT32, 0, 0, 0, false);

    /** A matrix without gaps. */
    public static GpuView of(long pointer, CudaType type, int rows, int columns) {
        return new GpuView(pointer, type, rows, columns, columns, false);
    }

    public boolean isNone() {
        return pointer == 0;
    }

    public long count() {
        return (long) rows * columns;
    }

    /** So many rows from one on. */
    public GpuView rows(int first, int some) {
        if (isNone()) {
            return NONE;
        }
        Objects.checkFromIndexSize(first, some, rows);
        return new GpuView(pointer + (long) type.bytes() * first * leading, type, some, columns, leading, transposed);
    }

    /** So many columns from one on. */
    public GpuView columns(int first, int some) {
        Objects.checkFromIndexSize(first, some, columns);
        return new GpuView(pointer + (long) type.bytes() * first, type, rows, some, leading, transposed);
    }

    /** The same, but a product takes its transpose. */
    public GpuView transpose() {
        return new GpuView(pointer, type, rows, columns, leading, !transposed);
    }
}
