package org.charlstm.sample;

import java.util.List;
import org.charlstm.nn.Model;

/** Texts of which each goes on from what it has come to, any of them at a time. */
interface Sequences extends AutoCloseable {
    /** Of all symbols before, or of the last of them alone if there is a window of them. */
    static Sequences of(Model model, int window) {
        return window == 0 ? new StatefulSequences(model) : new WindowSequences(model, window);
    }

    /** Feeds its next symbol to each of some texts; gives what follows each, (n, V), of which rows may follow. */
    double[] feed(List<TextStream> texts);

    /** The output of each LSTM layer for one of those that were fed last. */
    List<double[]> hidden(TextStream text);

    /** What one of those that were fed last has come to. */
    TextState state(TextStream text);

    /** Forgets a text. */
    void forget(TextStream text);

    @Override
    void close();
}
