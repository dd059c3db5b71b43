package org.charlstm.device.spi;

import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Rnn;

/**
 * Draws symbols for B sentences and feeds each back to the network, many steps in one call: up to rounding as
 * {@link ComposedOperations#draw}, {@link ComposedOperations#append}, {@link ComposedOperations#add} and the layers do,
 * one by one.
 */
public interface Sampling {
    /** A layer of the network and the offset of its weights in the flat buffer. */
    sealed interface Layer {
        /** Recurrent layers, each fed directly by the one below, with T = 1; each step reads and writes the state. */
        record Recurrent(Rnn.Shape shape, int offset, Rnn.State state) implements Layer {
        }

        /** A dense layer of B rows. */
        record Dense(org.charlstm.device.Dense.Shape shape, int offset) implements Layer {
        }
    }

    /**
     * Draws from the logits, feeds the drawn symbols, and repeats for a number of steps. The last symbols are fed as
     * well: logits and states are left as they follow from these. The B sentences and the one position are as
     * {@link ComposedOperations#draw} takes them, and the steps are added to the position. The last B ids come into
     * {@code drawn}, B ids for each step into the history, from its beginning.
     */
    void draw(Draw draw, long seed, Ints sentences, Ints position, Ints drawn, Ints history, int steps);
}
