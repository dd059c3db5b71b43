package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.tools.Autotuner;
import org.charlstm.device.gpu.tools.GpuMemory;

/** Runs recurrent layers on a GPU. All engines take weights, and give their gradients, in Keras' layout. */
interface RnnEngine {
    /** The option that asks for it; if several have one name, the first without an obstacle is meant. */
    GpuOptions.Engine name();

    /** Whether it is NVIDIA's library: then only a run tells whether it serves. */
    default boolean library() {
        return false;
    }

    /** Why it has no such cell, on one line; empty if it has. */
    default Optional<String> lacks(RecurrentCell cell) {
        return Optional.empty();
    }

    /** Whether it competes where no engine is named; not in a precision that it lacks, which users need not read. */
    default boolean competes() {
        return true;
    }

    /** Why it cannot run such a shape, on one line; empty if it can, as far as that is known before a run. */
    Optional<String> obstacle(Rnn.Shape shape);

    /** Why a kernel of it for a cell does not load, which is tried; empty if all do. */
    default Optional<CharlstmException> unloaded(RecurrentCell cell) {
        return Optional.empty();
    }

    /** Its ways to run a shape to which there is no obstacle, the preferred one first. */
    List<Candidate> candidates(Rnn.Shape shape);

    /** The message if it was asked for by name and none of its candidates serves. */
    default String refusal(Rnn.Layers layers, String findings) {
        return findings;
    }

    /**
     * A way to run layers of one shape: it opens them with a workspace in a memory and weights from an offset on. So
     * many sequences of a batch run side by side, each with its share of the GPU to itself; 0 where that is not known.
     */
    record Candidate(String title, boolean library, int wave,
            BiFunction<GpuMemory, Integer, Rnn> opener) implements Autotuner.Candidate {
        Candidate(String title, boolean library, BiFunction<GpuMemory, Integer, Rnn> opener) {
            this(title, library, 0, opener);
        }

        /** The largest batch that takes no more waves than this one. */
        int fill(int batch) {
            return wave == 0 ? 0 : Math.ceilDiv(batch, wave) * wave;
        }
    }
}
