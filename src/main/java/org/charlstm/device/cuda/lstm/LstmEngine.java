package org.charlstm.device.cuda.lstm;

import java.util.Optional;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.LstmShape;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.cuda.memory.CudaMemory;

/** A way to run LSTM layers on a GPU. All shapes of the same layers share their weights, and so an engine. */
public interface LstmEngine {
    /** Whether this is what {@code --rnn-algo} asks for by a name. */
    boolean isNamed(String algorithm);

    /** Whether it has LSTMs of such gates at all. */
    default boolean knows(RecurrentActivation gates) {
        return true;
    }

    /** Why it cannot serve such layers, on one line; empty if it can. */
    Optional<String> obstacle(LstmLayers layers);

    /**
     * The layers for one shape.
     *
     * @param memory where its workspace lives
     * @param offset where its weights begin in the flat buffers
     * @throws org.charlstm.CharlstmException if it cannot run this shape
     */
    Lstm open(CudaMemory memory, LstmShape shape, int offset);

    /** How a shape that was opened runs, and what was found when that was chosen; one line. */
    String report(LstmShape shape);
}
