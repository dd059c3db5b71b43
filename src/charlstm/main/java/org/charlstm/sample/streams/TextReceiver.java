package org.charlstm.sample.streams;

import java.util.List;
import org.charlstm.CharlstmException;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.sample.step.GrowingText;
import org.jspecify.annotations.Nullable;

/** Receives a text while it goes through a model. All calls are on the thread that calls {@link TextStreams#step}. */
public interface TextReceiver {
    /** Whether the receiver can take a further symbol. If not, the text waits while other texts go on. */
    boolean ready();

    /** Whether the receiver still wants the text. False drops the text, without any further call. */
    boolean listening();

    /**
     * Receives a further symbol. A symbol that may belong to the text to stop at is passed on later than it is drawn.
     *
     * @param position         the position, from 0
     * @param symbol           the id; the end symbol that ends the text is passed on too
     * @param given            whether the symbol was given, not drawn
     * @param logProbabilities the log-probabilities of all symbols at this position, at temperature 1, valid during
     *                         this call. Null for a given first symbol without a start symbol before it
     */
    void symbol(int position, int symbol, boolean given, double @Nullable [] logProbabilities);

    /** Receives the recurrent layers' outputs after a position (-1 for the start), if the plan wants them. */
    default void hidden(int position, List<double[]> layers) {
        // Most plans do not want the outputs.
    }

    /**
     * The text has ended; the state, from which another can start, is null without {@link SamplingOptions#keepState}.
     */
    void end(GrowingText.Ending how, @Nullable TextState state);

    /** The text cannot go on. */
    void failed(CharlstmException why);
}
