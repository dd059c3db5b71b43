package org.charlstm.sample;

import java.util.List;
import org.charlstm.CharlstmException;
import org.jspecify.annotations.Nullable;

/** Receives a text as it goes through a model, on the thread that steps. */
public interface TextReceiver {
    /** How a text ended. */
    enum Ending {
        /** The end symbol was drawn. */
        END,
        /** The text to stop at was drawn; its symbols are not handed on. */
        STOP,
        /** It has as many symbols as it may have. */
        LENGTH
    }

    /** Whether the receiver can take a further symbol. Otherwise the text waits while others go on. */
    boolean ready();

    /** Whether anybody still reads; false drops the text, without any further call. */
    boolean listening();

    /**
     * A further symbol. Symbols that may begin the text to stop at are handed on later than they are drawn.
     *
     * @param position         from 0
     * @param symbol           the id, also of the end symbol that ends the text
     * @param given            whether it was given, not drawn
     * @param logProbabilities of all symbols at this position, at temperature 1; valid during this call. Null for a
     *                         given first symbol without a start symbol before it
     */
    void symbol(int position, int symbol, boolean given, double @Nullable [] logProbabilities);

    /**
     * The outputs of the recurrent layers after a symbol, if the plan asks for them.
     *
     * @param position of the symbol; -1 for the start symbol
     * @param layers   the lowest first
     */
    default void hidden(int position, List<double[]> layers) {
        // Most plans do not ask for it.
    }

    /**
     * The text ended.
     *
     * @param state from which another text can go on; null unless {@link SamplingOptions#keepState} asks for it
     */
    void end(Ending how, @Nullable TextState state);

    /** The text cannot go on. */
    void failed(CharlstmException why);
}
