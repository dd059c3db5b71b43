package org.charlstm.cuda;

import module java.base;

/** The host's view of memory that the driver owns, valid until the memory is freed. */
final class HostView {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    // Only the caller knows the size of the driver's memory. The arena is closed before the memory is freed.
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
     * Ends the view before the memory is freed. Refuses if the memory is in use; Java does not tell by which thread or
     * operation.
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
