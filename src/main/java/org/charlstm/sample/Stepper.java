package org.charlstm.sample;

import org.charlstm.device.Draw;

/** Sequences side by side that take a symbol each at a time, and draw the next from what they took. */
interface Stepper extends AutoCloseable {
    /** Forgets everything before. */
    void reset();

    /** Begins sentences about something: the features of each sequence. */
    void begin(double[] features);

    /** Which sentences the sequences are, and at which position the next symbol will be drawn. */
    void number(int firstSentence, int nextPosition);

    /** Draws the next symbol of each sequence; -1 where the distribution is not a number. */
    int[] draw(Draw how, long seed);

    /** Feeds the same symbol to every sequence. */
    void feed(int symbol);

    /** Feeds a symbol to each sequence. */
    void feed(int[] symbols);

    @Override
    void close();
}
