package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;

/** A CUDA_MEMCPY2D in the layout of cuda.h, which describes a copy of rows. */
public final class RowsCopy {
    private static final int BYTES = 128;
    /** The target's offset; the offsets below count from the source's or target's beginning. */
    private static final int TARGET = 56;
    private static final int TYPE = 16;
    private static final int HOST = 24;
    private static final int DEVICE = 32;
    private static final int PITCH = 48;
    private static final int WIDTH = 112;
    private static final int HEIGHT = 120;
    private static final int ON_HOST = 1;
    private static final int ON_DEVICE = 2;

    private RowsCopy() {
    }

    /** The source or target of a copy; the pitch is the bytes from a row to the next. */
    public record End(boolean device, long address, long pitch) {
    }

    /** Makes the structure for a call; {@code width} is the bytes of a row. */
    public static MemorySegment of(SegmentAllocator memory, End from, End to, long width, long rows) {
        MemorySegment copy = memory.allocate(BYTES, JAVA_LONG.byteAlignment());
        put(copy, 0, from);
        put(copy, TARGET, to);
        copy.set(JAVA_LONG, WIDTH, width);
        copy.set(JAVA_LONG, HEIGHT, rows);
        return copy;
    }

    private static void put(MemorySegment copy, int at, End end) {
        copy.set(JAVA_INT, at + TYPE, end.device ? ON_DEVICE : ON_HOST);
        copy.set(JAVA_LONG, at + (end.device ? DEVICE : HOST), end.address);
        copy.set(JAVA_LONG, at + PITCH, end.pitch);
    }
}
