package org.charlstm.device;

/**
 * Draws symbols of B sentences and feeds each to a network, many at once, as {@link Operations#draw},
 * {@link Operations#append}, {@link Operations#add} and the network's layers do it symbol by symbol, but for rounding.
 */
public interface Sampling {
    /**
     * Draws from the logits, which those before have left, and feeds what was drawn, again and again. Logits and
     * states are left as the last symbol, which is fed too, leaves them.
     *
     * @param draw      the temperature, and what stays
     * @param position  one element: the position in the sentence; goes up by the steps
     * @param drawn     receives the last B ids
     * @param history   receives B ids for each step from its beginning on
     * @param steps     how many symbols of each sentence
     */
    void draw(Draw draw, long seed, Ints sentences, Ints position, Ints drawn, Ints history, int steps);
}
