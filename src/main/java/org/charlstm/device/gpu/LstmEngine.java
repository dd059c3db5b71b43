package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import org.charlstm.device.GpuOptions;
import org.charlstm.device.Lstm;
import org.charlstm.device.RecurrentActivation;

/** What runs LSTM layers on a GPU. All take weights and give their gradients as Keras has them. */
public interface LstmEngine {
    /** By which {@code --lstm} asks for it; several may share one, and then the first without an obstacle is meant. */
    GpuOptions.Engine name();

    /** Whether it is NVIDIA's library, of which only a run tells whether it serves. */
    default boolean library() {
        return false;
    }

    /** Whether it has LSTMs of such gates at all. */
    default boolean knows(RecurrentActivation gates) {
        return true;
    }

    /** Whether it competes where no engine is named: not in a precision that it does not have, which is no news. */
    default boolean competes() {
        return true;
    }

    /** Why it cannot serve such layers, on one line; empty if it can. */
    Optional<String> obstacle(Lstm.Layers layers);

    /** Why it cannot serve such a shape, on one line; empty if it can, as far as that is known before a run. */
    default Optional<String> obstacle(Lstm.Shape shape) {
        return obstacle(shape.layers());
    }

    /** Its ways to run a shape to which there is no obstacle, the preferred one first. */
    List<LstmCandidate> candidates(Lstm.Shape shape);

    /** What to say if it was asked for by name and none of its ways serves, by what was found. */
    default String refusal(Lstm.Layers layers, String findings) {
        return findings;
    }
}
