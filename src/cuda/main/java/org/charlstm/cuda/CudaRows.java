package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.RowsCopy;

/**
 * Rows in a buffer with a pitch: a part of a matrix, or a matrix of padded rows. Copies are enqueued on the current
 * stream.
 *
 * @param first   the first element of the first row
 * @param columns elements of a row
 * @param pitch   elements from the beginning of a row to the beginning of the next, at least {@code columns}
 */
public record CudaRows(CudaBuffer buffer, long first, long rows, long columns, long pitch) {
    /** The largest pitch that the driver takes. */
    private static final long MOST_PITCH_BYTES = Integer.MAX_VALUE;

    /** Refuses rows that overlap or end beyond the buffer. */
    public CudaRows {
        Objects.requireNonNull(buffer, "the buffer is null");
        if (rows < 1 || columns < 1 || pitch < columns) {
            throw new IllegalArgumentException(rows + " rows of " + columns + " elements that begin " + pitch
                    + " apart; there must be 1 or more of each, and no row may lie in another");
        }
        if (pitch > MOST_PITCH_BYTES / buffer.type().bytes()) {
            throw new IllegalArgumentException("rows of " + buffer.type() + " that begin " + pitch + " apart; it can "
                    + "be " + MOST_PITCH_BYTES / buffer.type().bytes() + " at most");
        }
        if (first < 0 || first > buffer.count() - columns || (buffer.count() - columns - first) / pitch < rows - 1) {
            throw new IndexOutOfBoundsException(rows + " rows of " + columns + " elements, " + pitch
                    + " apart, from element " + first + " on, in a buffer of " + buffer.count() + " of "
                    + buffer.type());
        }
    }

    /**
     * Copies other rows of the same number, type and length, which must not overlap these rows.
     *
     * @throws IllegalArgumentException if the rows differ in number, length or type, or overlap
     */
    public void copyFrom(CudaRows other) {
        CudaBuffer from = Objects.requireNonNull(other, "the other rows is null").buffer;
        if (from.type() != buffer.type() || other.rows != rows || other.columns != columns) {
            throw new IllegalArgumentException(rows + " rows of " + columns + " elements of " + buffer.type()
                    + " do not take " + other.rows + " rows of " + other.columns + " of " + from.type());
        }
        RowsCopy.End source = other.end(buffer.cuda());
        RowsCopy.End target = end(buffer.cuda());
        if (overlap(source, target)) {
            throw CudaBuffer.overlapping();
        }
        copy(source, target);
    }

    /** Whether a row of the source and a row of the target share memory. */
    private boolean overlap(RowsCopy.End one, RowsCopy.End other) {
        long row = bytes(columns);
        if (one.address() + (rows - 1) * one.pitch() + row <= other.address()
                || other.address() + (rows - 1) * other.pitch() + row <= one.address()) {
            return false;
        }
        for (long i = 0; i < rows; i++) {
            long from = one.address() + i * one.pitch() - other.address();
            // This is the first of the other's rows that ends after row i's first byte; the rows overlap if it begins
            // before row i's end.
            long first = Math.max(0, Math.floorDiv(from - row, other.pitch()) + 1);
            if (first < rows && first * other.pitch() < from + row) {
                return true;
            }
        }
        return false;
    }

    /** Copies from a whole pinned buffer, which holds the rows without gaps. */
    public void writeAsync(HostBuffer from) {
        copy(host(Objects.requireNonNull(from, "the pinned memory is null")), end(buffer.cuda()));
    }

    /** Copies to a whole pinned buffer, which receives the rows without gaps. */
    public void readAsync(HostBuffer into) {
        copy(end(buffer.cuda()), host(Objects.requireNonNull(into, "the pinned memory is null")));
    }

    private RowsCopy.End host(HostBuffer memory) {
        memory.requireOf(buffer.cuda());
        if (memory.type() != buffer.type() || memory.count() != rows * columns) {
            throw new IllegalArgumentException(rows + " rows of " + columns + " elements of " + buffer.type()
                    + " do not take " + memory);
        }
        buffer.cuda().current().uses(memory);
        return new RowsCopy.End(false, memory.segment().address(), bytes(columns));
    }

    private RowsCopy.End end(Cuda gpu) {
        return new RowsCopy.End(true, buffer.pointerFor(gpu) + bytes(first), bytes(pitch));
    }

    private long bytes(long elements) {
        return elements * buffer.type().bytes();
    }

    private void copy(RowsCopy.End from, RowsCopy.End to) {
        try (Arena arena = Arena.ofConfined()) {
            buffer.cuda().driver().cuMemcpy2DAsync_v2(RowsCopy.of(arena, from, to, bytes(columns), rows),
                    buffer.cuda().current().handle());
        }
    }
}
