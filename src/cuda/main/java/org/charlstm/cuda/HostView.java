package org.charlstm.cuda;

import module java.base;

/** The host's view of memory that the driver owns, until that is freed. */
final class HostView {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    // The memory is the driver's, and its size is known here alone; the arena is closed before it is freed.
    @SuppressWarnings({"restricted", "MustBeClosedChecker"})
    HostView(long address, long bytes) {
        segment = MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
    }

    MemorySegment segment() {
        return segment;
    }

    boolean isOpen() {
        return arena.scope().isAlive();
    }

    /**
     * Ends it, before the memory is freed; refused if somebody is in it at this moment. Java tells that a thread or an
     * operation is, and not which.
     */
    void end(Object what) {
        try {
            if (isOpen()) {
                arena.close();
            }
        } catch (IllegalStateException e) {
            throw new IllegalStateException(what + " is in use by another thread or by an operation such as the read "
                    + "of a channel; wait until that is done, and close it again", e);
        }
    }
}
