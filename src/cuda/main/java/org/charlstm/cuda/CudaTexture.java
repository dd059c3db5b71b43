package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.TextureDescription;

/**
 * A texture object on a buffer's memory, for {@code tex1Dfetch} or {@code tex2D}. A launch takes a texture for a
 * parameter {@code cudaTextureObject_t}. Elements are float32, half or integers of 8 to 32 bits, in 1, 2 or 4 channels,
 * and are fetched unconverted. A kernel sees the buffer's content from the beginning of its launch. Close a texture
 * before its buffer. Written by NVIDIA's documentation; no real GPU has run textures yet.
 */
public final class CudaTexture extends CudaObject {
    private static final int MOST_CHANNELS = 4;

    /** The address mode: the value beyond the edges. WRAP and MIRROR need normalized coordinates. */
    public enum Edge {
        /** The rows repeat. */
        WRAP(0),
        /** The nearest element. */
        CLAMP(1),
        /** The rows repeat, mirrored every other time. */
        MIRROR(2),
        /** Zero. */
        BORDER(3);

        /** CUaddress_mode of cuda.h. */
        private final int mode;

        Edge(int mode) {
            this.mode = mode;
        }
    }

    /**
     * How rows are read.
     *
     * @param linear     whether to interpolate linearly between elements, for reals only; the middle of the first
     *                   element is 0.5
     * @param normalized whether coordinates go from 0 to 1 instead of to the number of elements
     */
    public record Sampling(Edge edge, boolean linear, boolean normalized) {
        /** Refuses edges that need normalized coordinates without them. */
        public Sampling {
            Objects.requireNonNull(edge, "the edge is null");
            if (!normalized && (edge == Edge.WRAP || edge == Edge.MIRROR)) {
                throw new IllegalArgumentException("the edge " + edge + " needs normalized coordinates, from 0 to 1");
            }
        }
    }

    private final CudaBuffer buffer;
    private final long handle;

    private CudaTexture(CudaBuffer buffer, String what, Function<Arena, MemorySegment> memory, Sampling sampling) {
        super(buffer.cuda(), what);
        this.buffer = buffer;
        try (Arena arena = Arena.ofConfined()) {
            handle = cuda().driver().cuTexObjectCreate(memory.apply(arena), TextureDescription.sampling(arena,
                    sampling.edge.mode, sampling.linear, sampling.normalized), MemorySegment.NULL);
        }
        opened();
    }

    /**
     * A texture of a whole buffer, for {@code tex1Dfetch}; fetches beyond the end give zeros.
     *
     * @param channels elements that are fetched together: 1, 2 or 4, such as 4 for {@code float4}
     * @throws IllegalArgumentException if there are no textures of such elements, or the buffer's address is not
     *                                  aligned as the GPU needs, usually to 512 bytes
     */
    public static CudaTexture of(CudaBuffer buffer, int channels) {
        int format = format(Objects.requireNonNull(buffer, "the buffer is null"), channels, buffer.count());
        long address = aligned(buffer, 0);
        return new CudaTexture(buffer, "a texture of " + buffer,
                arena -> TextureDescription.memory(arena, address, format, channels, buffer.bytes(), 0, 0),
                new Sampling(Edge.BORDER, false, false));
    }

    /**
     * A texture of a buffer's rows, for {@code tex2D}; x is along a row.
     *
     * @param channels as in {@link #of(CudaBuffer, int)}; a row has {@code columns / channels} texels
     * @throws IllegalArgumentException likewise; also if the pitch is not aligned as the GPU needs, usually to 32
     *                                  bytes, or if integers are to be interpolated
     */
    public static CudaTexture of(CudaRows rows, int channels, Sampling sampling) {
        CudaBuffer buffer = Objects.requireNonNull(rows, "the rows is null").buffer();
        int format = format(buffer, channels, rows.columns());
        if (Objects.requireNonNull(sampling, "the sampling is null").linear && buffer.type().isInteger()) {
            throw new IllegalArgumentException("a texture of " + buffer.type() + " has no values between its elements; "
                    + "take float32 or half, or the nearest element");
        }
        int bytes = buffer.type().bytes();
        long address = aligned(buffer, rows.first() * bytes);
        requireMultiple(buffer.cuda(), CudaDriver.TEXTURE_PITCH_ALIGNMENT, rows.pitch() * bytes,
                "the pitch of a texture's rows");
        return new CudaTexture(buffer, "a texture of " + rows.rows() + " rows of " + buffer,
                arena -> TextureDescription.memory(arena, address, format, channels, rows.columns() / channels,
                        rows.rows(), rows.pitch() * bytes),
                sampling);
    }

    /** The CUarray_format. Integers are signed there; the bits of unsigned integers are the same. */
    private static int format(CudaBuffer buffer, int channels, long elements) {
        if (channels < 1 || channels > MOST_CHANNELS || Integer.bitCount(channels) > 1 || elements % channels != 0) {
            throw new IllegalArgumentException("a texture of " + elements + " elements, " + channels + " together; it "
                    + "can be 1, 2 or 4, of which a whole number fits");
        }
        return switch (buffer.type()) {
            case INT8 -> 0x08;
            case INT16 -> 0x09;
            case INT32 -> 0x0a;
            case FLOAT16 -> 0x10;
            case FLOAT32 -> 0x20;
            default -> throw new IllegalArgumentException("there are no textures of " + buffer.type()
                    + "; take float32, half, or integers of 8 to 32 bits");
        };
    }

    private static long aligned(CudaBuffer buffer, long bytes) {
        long address = buffer.pointer() + bytes;
        requireMultiple(buffer.cuda(), CudaDriver.TEXTURE_ALIGNMENT, address, "the address of a texture's memory");
        return address;
    }

    private static void requireMultiple(Cuda gpu, int attribute, long bytes, String what) {
        CudaDriver driver = gpu.driver();
        int of = driver.cuDeviceGetAttribute(attribute, driver.cuDeviceGet(gpu.number()));
        if (bytes % of != 0) {
            throw new IllegalArgumentException(what + " must be a multiple of " + of + " bytes, and is " + bytes % of
                    + " more than one");
        }
    }

    /**
     * The texture object's handle, for other libraries.
     *
     * @throws IllegalStateException if the texture or its buffer is closed
     */
    public long handle() {
        requireOpen();
        buffer.requireLive();
        return handle;
    }

    @Override
    void release(CudaDriver driver) {
        driver.cuTexObjectDestroy(handle);
    }
}
