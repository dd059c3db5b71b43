package org.charlstm.cuda.binding;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;

/** A texture's memory and sampling: CUDA_RESOURCE_DESC and CUDA_TEXTURE_DESC in the layouts of cuda.h. */
public final class TextureDescription {
    private static final int RESOURCE_BYTES = 144;
    private static final int TEXTURE_BYTES = 104;
    private static final int LINEAR = 2;
    private static final int ROWS = 3;
    private static final int ADDRESS = 8;
    private static final int FORMAT = 16;
    private static final int CHANNELS = 20;
    /** The width: bytes of linear memory, or elements of a row. */
    private static final int WIDTH = 24;
    private static final int HEIGHT = 32;
    private static final int PITCH = 40;
    private static final int FILTER = 12;
    private static final int FLAGS = 16;
    private static final int READ_AS_INTEGER = 1;
    private static final int NORMALIZED = 2;

    private TextureDescription() {
    }

    /**
     * Describes linear memory of {@code width} bytes, or, if {@code height} is not 0, rows of {@code width} elements,
     * {@code pitch} bytes apart.
     */
    public static MemorySegment memory(SegmentAllocator allocator, long address, int format, int channels, long width,
            long height, long pitch) {
        MemorySegment resource = allocator.allocate(RESOURCE_BYTES, JAVA_LONG.byteAlignment());
        resource.set(JAVA_INT, 0, height == 0 ? LINEAR : ROWS);
        resource.set(JAVA_LONG, ADDRESS, address);
        resource.set(JAVA_INT, FORMAT, format);
        resource.set(JAVA_INT, CHANNELS, channels);
        resource.set(JAVA_LONG, WIDTH, width);
        resource.set(JAVA_LONG, HEIGHT, height);
        resource.set(JAVA_LONG, PITCH, pitch);
        return resource;
    }

    /** Describes unconverted elements, with a CUaddress_mode and a CUfilter_mode. */
    public static MemorySegment sampling(SegmentAllocator allocator, int edge, boolean linear, boolean normalized) {
        MemorySegment texture = allocator.allocate(TEXTURE_BYTES, JAVA_LONG.byteAlignment());
        texture.setAtIndex(JAVA_INT, 0, edge);
        texture.setAtIndex(JAVA_INT, 1, edge);
        texture.set(JAVA_INT, FILTER, linear ? 1 : 0);
        texture.set(JAVA_INT, FLAGS, READ_AS_INTEGER | (normalized ? NORMALIZED : 0));
        return texture;
    }
}
