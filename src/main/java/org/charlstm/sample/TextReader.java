package org.charlstm.sample;

import java.util.List;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/** Who reads a text as it goes through a model. All is told on the thread that steps. */
public interface TextReader {
    /** Why a text is over. */
    enum Ending {
        /** The end symbol was drawn. */
        END,
        /** The text to stop at was drawn, of which nothing is told. */
        STOP,
        /** It has as many symbols as it may have. */
        LENGTH
    }

    /**
     * Whether a further symbol can be taken; a text whose reader cannot waits, and others go on.
     *
     * @return true if so
     */
    boolean ready();

    /**
     * Whether anybody still reads.
     *
     * @return false to drop the text, of which nothing is told any more
     */
    boolean listening();

    /**
     * A further symbol; later than it is drawn where it may be one of the text to stop at.
     *
     * @param position         from 0
     * @param symbol           its id; the end symbol too where it ends the text
     * @param given            whether it was given, not drawn
     * @param logProbabilities of each symbol at this place, by id, whatever it is drawn from; valid during this call.
     *                         Null where there is nothing to tell it by: the first of running text, where that is given
     */
    void symbol(int position, int symbol, boolean given, double @Nullable [] logProbabilities);

    /**
     * The LSTMs have taken a symbol in.
     *
     * @param position of the symbol that was taken in; -1 for the start symbol
     * @param layers   each layer's output, the lowest first
     */
    default void hidden(int position, List<double[]> layers) {
        // Most do not ask for it.
    }

    /**
     * The text is over.
     *
     * @param state what another text can go on from; null if it was not to be kept
     */
    void end(Ending how, @Nullable TextState state);

    /** The text cannot go on. */
    void failed(CharlstmException why);
}
