package org.charlstm.cuda;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Copies between a GPU and the Java heap through two alternating pieces of pinned memory: the GPU copies a piece while
 * the host fills or empties the other.
 */
final class HostCopies {
    private static final long PIECE = 1 << 20;

    private final Cuda cuda;
    /** The two pieces; null until first used. */
    private final @Nullable Piece[] pieces = new Piece[2];

    /** Moves bytes between the caller's memory and a pinned segment. */
    @FunctionalInterface
    interface Part {
        /**
         * Moves {@code bytes} bytes between offset {@code at} of the caller's memory, a multiple of 8, and the
         * segment's beginning.
         */
        void move(MemorySegment pinned, long at, long bytes);
    }

    private record Piece(HostBuffer memory, CudaEvent done) {
        static Piece of(Cuda cuda) {
            return new Piece(cuda.kept(cuda.pinned(CudaType.INT32, PIECE / Integer.BYTES)),
                    cuda.kept(cuda.newEvent(false)));
        }
    }

    HostCopies(Cuda cuda) {
        this.cuda = cuda;
    }

    /** The piece for the bytes from offset {@code at} on. */
    private Piece piece(long at) {
        int number = (int) (at / PIECE % 2);
        Piece found = pieces[number];
        if (found == null) {
            found = Piece.of(cuda);
            pieces[number] = found;
        }
        return found;
    }

    /** Refuses a synchronous copy while work is recorded. */
    void requireAllowed() {
        if (cuda.current().recording()) {
            throw new IllegalStateException("a copy that is waited for cannot be recorded; make it before or after, or "
                    + "copy from and to pinned memory by writeAsync and readAsync");
        }
    }

    /** Fills device memory piece by piece, and waits until all copies are done. */
    void write(long to, long bytes, Part fill) {
        requireAllowed();
        for (long at = 0; at < bytes; at += PIECE) {
            long length = Math.min(PIECE, bytes - at);
            Piece piece = piece(at);
            piece.done.synchronize();
            MemorySegment pinned = piece.memory.segment();
            fill.move(pinned, at, length);
            cuda.driver().copyToDevice(to + at, pinned.asSlice(0, length), cuda.current().handle());
            piece.done.record();
        }
        cuda.synchronize();
    }

    /** Reads device memory piece by piece, after all work of the current stream. */
    void read(long from, long bytes, Part take) {
        requireAllowed();
        start(from, 0, bytes);
        for (long at = 0; at < bytes; at += PIECE) {
            start(from, at + PIECE, bytes);
            Piece piece = piece(at);
            piece.done.synchronize();
            take.move(piece.memory.segment(), at, Math.min(PIECE, bytes - at));
        }
    }

    private void start(long from, long at, long bytes) {
        if (at < bytes) {
            Piece piece = piece(at);
            cuda.driver().copyToHost(piece.memory.segment().asSlice(0, Math.min(PIECE, bytes - at)), from + at,
                    cuda.current().handle());
            piece.done.record();
        }
    }
}
