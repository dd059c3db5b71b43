package org.charlstm.sample;

import org.charlstm.device.Draw;
import org.charlstm.device.Matrix;
import org.charlstm.nn.Model;

/** Sequences side by side that take a symbol each at a time, and draw the next from what they took. */
interface Stepper extends AutoCloseable {
    /** Of all symbols before, or of the last of them alone if there is a window of them. */
    static Stepper of(Model model, int batch, int window) {
        return window == 0 ? new StatefulStepper(model, batch) : new WindowStepper(model, batch, window);
    }

    /** Forgets everything before. */
    void reset();

    /** Begins sentences about something: the features of each sequence. */
    void begin(double[] features);

    /** Which sentences the sequences are, and at which position the next symbol will be drawn. */
    void number(int firstSentence, int nextPosition);

    /** What follows what was fed, (B, V). */
    Matrix logits();

    /** Draws the next symbol of each sequence; -1 where the distribution is not a number. */
    int[] draw(Draw how, long seed);

    /** Feeds the same symbol to every sequence. */
    void feed(int symbol);

    /** Feeds a symbol to each sequence. */
    void feed(int[] symbols);

    @Override
    void close();
}
