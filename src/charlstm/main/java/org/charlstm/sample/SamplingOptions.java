package org.charlstm.sample;

import org.charlstm.base.Refuse;
import org.charlstm.device.Draw;

/**
 * How to write sentences.
 *
 * @param draw      the distribution that each symbol is drawn from
 * @param seed      fixes every draw, together with the number of the sentence and the position in it
 * @param maxLength the most characters of a sentence, its beginning included
 * @param prime     the beginning; may be empty
 * @param stop      a text at which a sentence ends, without it, if it comes after the beginning; empty for none
 * @param keepState whether a sentence starts from the last state of the one before, instead of from zeros
 * @param pastEnd   whether to go on after the end symbol, up to the most characters
 * @param window    the number of last symbols that each is predicted from, as a stateless Keras model does; 0 for all,
 *                  through the state
 */
public record SamplingOptions(Draw draw, long seed, int maxLength, String prime, String stop, boolean keepState,
        boolean pastEnd, int window) {
    /** Temperature 1, seed 1, every sentence from a state of zeros up to its end symbol, or up to 400 characters. */
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

    /** The same from so many most probable symbols, {@link Draw#ALL} for all. */
    public SamplingOptions topK(int symbols) {
        return draw(new Draw(draw.temperature(), symbols, draw.topP()));
    }

    /** The same from the fewest most probable symbols that have this share together, 1 for all. */
    public SamplingOptions topP(double share) {
        return draw(new Draw(draw.temperature(), draw.topK(), share));
    }

    /** The same from another distribution. */
    public SamplingOptions draw(Draw from) {
        return new SamplingOptions(from, seed, maxLength, prime, stop, keepState, pastEnd, window);
    }

    /** The same with another seed. */
    public SamplingOptions seed(long number) {
        return new SamplingOptions(draw, number, maxLength, prime, stop, keepState, pastEnd, window);
    }

    /** The same with another greatest length, at least 1. */
    public SamplingOptions maxLength(int characters) {
        return new SamplingOptions(draw, seed, characters, prime, stop, keepState, pastEnd, window);
    }

    /** The same with another beginning, which a model without start symbol and counts needs. */
    public SamplingOptions prime(String beginning) {
        return new SamplingOptions(draw, seed, maxLength, beginning, stop, keepState, pastEnd, window);
    }

    /** The same with another text to stop at, empty for none. */
    public SamplingOptions stop(String text) {
        return new SamplingOptions(draw, seed, maxLength, prime, text, keepState, pastEnd, window);
    }

    /** The same with or without the state of the sentence before. */
    public SamplingOptions keepState(boolean kept) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, kept, pastEnd, window);
    }

    /** The same past the end symbol or up to it. */
    public SamplingOptions pastEnd(boolean past) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, keepState, past, window);
    }

    /** The same with another window, 0 for none. */
    public SamplingOptions window(int symbols) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, keepState, pastEnd, symbols);
    }
}
