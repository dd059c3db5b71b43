package org.charlstm.sample;

import org.charlstm.base.Refuse;
import org.charlstm.device.Draw;

/**
 * The options of writing sentences.
 *
 * @param draw      the distribution from which each symbol is drawn
 * @param seed      the seed; seed, sentence number and position determine each draw
 * @param maxLength the maximum number of characters of a sentence, its beginning included
 * @param prime     the beginning of each sentence; may be empty
 * @param stop      a text that ends a sentence if it is drawn after the beginning, and is cut off; empty for none
 * @param keepState whether a sentence starts from the last state of the sentence before, instead of from zeros
 * @param pastEnd   whether to go on after the end symbol, up to the maximum length
 * @param window    the number of last symbols from which the next is predicted, as in a stateless Keras model; 0 to
 *                  predict from all symbols through the state
 */
public record SamplingOptions(Draw draw, long seed, int maxLength, String prime, String stop, boolean keepState,
        boolean pastEnd, int window) {
    /** Temperature 1 and seed 1; every sentence goes from a state of zeros to its end symbol, or to 400 characters. */
    public static final SamplingOptions DEFAULT = new SamplingOptions(Draw.at(1), 1, 400, "", "", false, false, 0);

    /** Refuses values that cannot sample. */
    public SamplingOptions {
        Refuse.argumentIf(maxLength < 1, "the length is " + maxLength + "; it must be at least 1");
        Refuse.argumentIf(window < 0 || (window > 0 && keepState),
                "a window of " + window + " symbols" + (keepState ? " and a state" : "") + "; it must be from 0, and "
                        + "with a window there is no state to keep");
    }

    /** The same at another temperature, which divides the logits; 0 always takes the most probable symbol. */
    public SamplingOptions temperature(double divisor) {
        return draw(new Draw(divisor, draw.topK(), draw.topP()));
    }

    /** The same, drawn from the {@code symbols} most probable symbols; {@link Draw#ALL} for all. */
    public SamplingOptions topK(int symbols) {
        return draw(new Draw(draw.temperature(), symbols, draw.topP()));
    }

    /** The same, drawn from the fewest most probable symbols whose probabilities sum to the share; 1 for all. */
    public SamplingOptions topP(double share) {
        return draw(new Draw(draw.temperature(), draw.topK(), share));
    }

    /** The same, drawn from another distribution. */
    public SamplingOptions draw(Draw from) {
        return new SamplingOptions(from, seed, maxLength, prime, stop, keepState, pastEnd, window);
    }

    /** The same with another seed. */
    public SamplingOptions seed(long number) {
        return new SamplingOptions(draw, number, maxLength, prime, stop, keepState, pastEnd, window);
    }

    /** The same with another maximum length, at least 1. */
    public SamplingOptions maxLength(int characters) {
        return new SamplingOptions(draw, seed, characters, prime, stop, keepState, pastEnd, window);
    }

    /** The same with another beginning. A model without start symbol and counts needs one. */
    public SamplingOptions prime(String beginning) {
        return new SamplingOptions(draw, seed, maxLength, beginning, stop, keepState, pastEnd, window);
    }

    /** The same with another text to stop at; empty for none. */
    public SamplingOptions stop(String text) {
        return new SamplingOptions(draw, seed, maxLength, prime, text, keepState, pastEnd, window);
    }

    /** The same, with or without continuing from the state of the sentence before. */
    public SamplingOptions keepState(boolean kept) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, kept, pastEnd, window);
    }

    /** The same, going on past the end symbol or not. */
    public SamplingOptions pastEnd(boolean past) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, keepState, past, window);
    }

    /** The same with another window; 0 for none. */
    public SamplingOptions window(int symbols) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, keepState, pastEnd, symbols);
    }
}
