package org.charlstm.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import module java.base;

/** Copies between a buffer and host memory, and converts floats. */
final class HostArrays {
    private HostArrays() {
    }

    static void requireRemaining(FloatBuffer floats) {
        if (!Objects.requireNonNull(floats, "the float buffer is null").hasRemaining() && floats.capacity() > 0) {
            throw new IllegalArgumentException("the floats have nothing remaining; flip or rewind them first");
        }
    }

    /** Copies the remaining floats, converted to the buffer's type. */
    static void write(CudaBuffer buffer, long at, FloatBuffer values) {
        CudaType type = buffer.type();
        if (type == CudaType.FLOAT32 && values.order() == ByteOrder.nativeOrder()) {
            write(buffer, at, MemorySegment.ofBuffer(values));
            values.position(values.limit());
            return;
        }
        buffer.requireFloats();
        buffer.requireElements(at, values.remaining());
        buffer.cuda().copies().write(buffer.pointer() + at * type.bytes(), (long) values.remaining() * type.bytes(),
                (pinned, _, bytes) -> {
                    for (int i = 0; i < bytes / type.bytes(); i++) {
                        if (type == CudaType.FLOAT32) {
                            pinned.setAtIndex(JAVA_FLOAT, i, values.get());
                        } else {
                            pinned.setAtIndex(JAVA_SHORT, i, type.bits(values.get()));
                        }
                    }
                });
    }

    /** Copies bytes as they are. */
    static void write(CudaBuffer buffer, long at, MemorySegment values) {
        long to = buffer.addressOf(at, values);
        Cuda cuda = buffer.cuda();
        if (values.isNative()) {
            cuda.copies().requireAllowed();
            try {
                cuda.driver().copyToDevice(to, values, cuda.current().handle());
                cuda.synchronize();
            } finally {
                // The GPU reads the memory until here; without the fence the garbage collector might free it.
                Reference.reachabilityFence(values);
            }
        } else {
            cuda.copies().write(to, values.byteSize(),
                    (pinned, offset, bytes) -> MemorySegment.copy(values, offset, pinned, 0, bytes));
        }
    }

    /** Copies elements into the remaining floats, converted from the buffer's type. */
    static void read(CudaBuffer buffer, long at, FloatBuffer into) {
        CudaType type = buffer.type();
        if (type == CudaType.FLOAT32 && into.order() == ByteOrder.nativeOrder()) {
            read(buffer, at, MemorySegment.ofBuffer(into));
            into.position(into.limit());
            return;
        }
        buffer.requireFloats();
        buffer.requireElements(at, into.remaining());
        buffer.cuda().copies().read(buffer.pointer() + at * type.bytes(), (long) into.remaining() * type.bytes(),
                (pinned, _, bytes) -> {
                    for (int i = 0; i < bytes / type.bytes(); i++) {
                        into.put(type == CudaType.FLOAT32 ? pinned.getAtIndex(JAVA_FLOAT, i)
                                : type.value(pinned.getAtIndex(JAVA_SHORT, i)));
                    }
                });
    }

    /** Copies bytes as they are. */
    static void read(CudaBuffer buffer, long at, MemorySegment into) {
        if (Objects.requireNonNull(into, "the memory is null").isReadOnly()) {
            throw new IllegalArgumentException("the memory to read into is read-only");
        }
        long from = buffer.addressOf(at, into);
        Cuda cuda = buffer.cuda();
        if (into.isNative()) {
            cuda.copies().requireAllowed();
            try {
                cuda.driver().copyToHost(into, from, cuda.current().handle());
                cuda.synchronize();
            } finally {
                Reference.reachabilityFence(into);
            }
        } else {
            cuda.copies().read(from, into.byteSize(),
                    (pinned, offset, bytes) -> MemorySegment.copy(pinned, 0, into, offset, bytes));
        }
    }
}
