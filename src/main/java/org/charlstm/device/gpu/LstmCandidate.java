package org.charlstm.device.gpu;

import org.charlstm.device.Lstm;

/**
 * A way to run an LSTM of one shape.
 *
 * @param title   the engine's name, and what of it
 * @param library whether NVIDIA's library runs it, of which only a run tells whether it does
 */
public record LstmCandidate(String title, boolean library, Opener opener) {
    /** Opens an LSTM. */
    @FunctionalInterface
    public interface Opener {
        /**
         * The layers for the shape.
         *
         * @param memory where its workspace lives
         * @param offset where its weights begin in the flat buffers
         * @throws org.charlstm.CharlstmException if it cannot run this shape
         */
        Lstm open(GpuMemory memory, int offset);
    }
}
