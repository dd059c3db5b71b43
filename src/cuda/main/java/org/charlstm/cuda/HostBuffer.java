package org.charlstm.cuda;

import module java.base;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * Pinned host memory, to and from which the GPU copies asynchronously. The host must not write memory that a copy in
 * flight reads, nor use memory that a copy writes; an event or {@link Cuda#synchronize} tells when the copy is done.
 * While another thread or an operation of Java uses the memory, {@link #close} and {@link Cuda#close} refuse.
 */
public final class HostBuffer extends CudaObject {
    private final CudaType type;
    private final long count;
    private final long address;
    private final HostView view;

    HostBuffer(Cuda cuda, CudaType type, long count) {
        super(cuda, "pinned memory for " + count + " elements of " + type);
        this.type = type;
        this.count = CudaBuffer.requireCount("pinned memory for", type, count);
        long bytes = count * type.bytes();
        address = allocate(cuda, bytes);
        view = new HostView(address, bytes);
        opened();
    }

    private static long allocate(Cuda cuda, long bytes) {
        try {
            return cuda.driver().cuMemHostAlloc(bytes, CudaDriver.PORTABLE);
        } catch (CudaException e) {
            throw e.outOfMemory() ? e.with(CudaMemory.text(bytes) + " of pinned host memory cannot be had",
                    "free some of the machine's memory, or take less of it at a time") : e;
        }
    }

    /** The type of its elements. */
    public CudaType type() {
        return type;
    }

    /** The number of elements. */
    public long count() {
        return count;
    }

    /** The memory, valid until this object is closed. */
    public MemorySegment segment() {
        requireOpen();
        if (!view.isOpen()) {
            throw new IllegalStateException(this + " was used after GPU " + cuda().number() + " was to be closed");
        }
        return view.segment();
    }

    /**
     * The memory as floats.
     *
     * @throws IllegalArgumentException if the memory holds another type
     */
    public FloatBuffer floats() {
        if (type != CudaType.FLOAT32) {
            throw new IllegalArgumentException("pinned memory of " + type + " is no FloatBuffer; take its segment()");
        }
        ByteBuffer bytes = segment().asByteBuffer();
        return bytes.order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    @Override
    void withdraw() {
        view.end(this);
    }

    @Override
    void release(CudaDriver driver) {
        driver.cuMemFreeHost(address);
    }
}
