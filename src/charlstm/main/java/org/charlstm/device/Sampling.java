package org.charlstm.device;

/**
 * Draws symbols for B sentences and feeds each back to the network, many steps in one call. Except for rounding, the
 * result is that of {@link Operations#draw}, {@link Operations#append}, {@link Operations#add} and the network's layers
 * called symbol by symbol.
 */
public interface Sampling {
    /** A layer of the network and the offset of its weights in the flat buffer. */
    sealed interface Layer {
        /**
         * Recurrent layers, each fed directly by the one below.
         *
         * @param shape  T is 1
         * @param offset laid out by {@link Operations#rnnLayout}
         * @param state  is read and written at each step
         */
        record Recurrent(Rnn.Shape shape, int offset, Rnn.State state) implements Layer {
        }

        /**
         * A dense layer.
         *
         * @param shape  M is B
         * @param offset laid out by {@link Operations#denseLayout}
         */
        record Dense(org.charlstm.device.Dense.Shape shape, int offset) implements Layer {
        }
    }

    /**
     * Draws from the logits, feeds the drawn symbols, and repeats. The last symbols are fed as well: logits and states
     * are left as they follow from these.
     *
     * @param draw      the distribution
     * @param seed      of the random numbers
     * @param sentences B numbers of sentences, as {@link Operations#draw} takes them
     * @param position  one element: the position in the sentence; the steps are added to it
     * @param drawn     receives the last B ids
     * @param history   receives B ids for each step, from its beginning
     * @param steps     the number of symbols for each sentence
     */
    void draw(Draw draw, long seed, Ints sentences, Ints position, Ints drawn, Ints history, int steps);
}
