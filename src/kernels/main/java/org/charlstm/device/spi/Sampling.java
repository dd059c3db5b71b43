package org.charlstm.device.spi;

import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Rnn;

/**
 * Draws symbols for B sentences and feeds them back to the network, for many steps in one call. The result equals
 * separate calls of {@link ComposedOperations#draw}, {@link ComposedOperations#append}, {@link ComposedOperations#add}
 * and the layers, except for rounding.
 */
public interface Sampling {
    /** A layer of the network and the offset of its weights in the flat buffer. */
    sealed interface Layer {
        /** Recurrent layers with T = 1, each fed directly by the layer below; each step reads and writes the state. */
        record Recurrent(Rnn.Shape shape, int offset, Rnn.State state) implements Layer {
        }

        /** A dense layer of B rows. */
        record Dense(org.charlstm.device.Dense.Shape shape, int offset) implements Layer {
        }
    }

    /**
     * Draws from the logits, feeds the drawn symbols, and repeats for a number of steps. The last symbols are fed too,
     * so logits and states include them. {@link ComposedOperations#draw} describes the B sentences and the position;
     * the call adds the number of steps to the position. {@code drawn} receives the last B ids, and the history
     * receives B ids for each step, from its beginning.
     */
    void draw(Draw draw, long seed, Ints sentences, Ints position, Ints drawn, Ints history, int steps);
}
