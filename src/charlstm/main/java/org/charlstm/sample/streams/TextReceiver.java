package org.charlstm.sample.streams;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.sample.step.GrowingText;
import org.jspecify.annotations.Nullable;

/** Receives a text as it goes through a model, on the thread that steps. */
public interface TextReceiver {
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

    /** The recurrent layers' outputs, the lowest first, after a position, -1 for the start, if the plan asks. */
    default void hidden(int position, List<double[]> layers) {
        // Most plans do not ask for it.
    }

    /** The text ended, in a state from which another can go on if {@link SamplingOptions#keepState} asks for it. */
    void end(GrowingText.Ending how, @Nullable TextState state);

    /** The text cannot go on. */
    void failed(CharlstmException why);
}
