package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.GpuMemory;

/** A way to run recurrent layers on a GPU. All engines take weights, and give gradients, in Keras' layout. */
interface RnnEngine {
    /** The option that asks for this engine. Of several with one name, the first without an obstacle is used. */
    GpuOptions.Engine name();

    /** Whether this engine calls NVIDIA's library; only a run then tells whether the engine works. */
    default boolean library() {
        return false;
    }

    /** Why this engine does not support the cell, on one line; empty if it has the cell. */
    default Optional<String> lacks(RecurrentCell cell) {
        return Optional.empty();
    }

    /** Whether this engine competes where none is named; false in a precision that this engine lacks. */
    default boolean competes() {
        return true;
    }

    /** Why this engine cannot run such a shape, on one line; empty if no reason is known before a run. */
    Optional<String> obstacle(Rnn.Shape shape);

    /** Tries to load the kernels for a shape without an obstacle; returns the failure, or empty if all load. */
    default Optional<CharlstmException> unloaded(Rnn.Shape shape) {
        return Optional.empty();
    }

    /** The engine's ways to run a shape without an obstacle, the preferred one first. */
    List<Candidate> candidates(Rnn.Shape shape);

    /** The message if the engine was asked for by name and all its candidates failed. */
    default String refusal(Rnn.Layers layers, String findings) {
        return findings;
    }

    /**
     * A way to run layers of one shape. The opener takes a memory for the workspace and the offset of the weights.
     * {@code wave} is the number of sequences that run at once, each on its own share of the GPU; 0 if not known.
     */
    record Candidate(String title, boolean library, int wave,
            BiFunction<GpuMemory, Integer, Rnn> opener) implements Autotuner.Candidate {
        Candidate(String title, boolean library, BiFunction<GpuMemory, Integer, Rnn> opener) {
            this(title, library, 0, opener);
        }

        /** The largest batch that takes no more waves than the given one; 0 if the wave is not known. */
        int fill(int batch) {
            return wave == 0 ? 0 : Math.ceilDiv(batch, wave) * wave;
        }
    }
}
