package org.charlstm.sample;

import org.charlstm.device.Draw;

/**
 * How to write sentences.
 *
 * @param draw      what each symbol is drawn from
 * @param seed      fixes every draw, together with the sentence's number and the position in it
 * @param maxLength the most characters of a sentence, its beginning included
 * @param stop      a sentence ends where this has been written after its beginning, and has not this in it; empty for
 *                  none
 * @param keepState whether a sentence starts from the state that the one before left, rather than from zeros
 * @param pastEnd   whether to go on after the end symbol, up to the most characters
 * @param window    how many of the last symbols each is drawn from, with a state of zeros before them, as a stateless
 *                  Keras model predicts; 0 for all of them, through the state
 */
public record SamplingOptions(Draw draw, long seed, int maxLength, String prime, String stop, boolean keepState,
        boolean pastEnd, int window) {
    /**
     * Temperature 1, seed 1, every sentence from a state of zeros up to its end symbol, or up to 400 characters.
     */
    public static final SamplingOptions DEFAULT = new SamplingOptions(Draw.at(1), 1, 400, "", "", false, false, 0);

    /** Refuses values that cannot sample. */
    public SamplingOptions {
        if (maxLength < 1) {
            throw new IllegalArgumentException("the length is " + maxLength + "; it must be at least 1");
        }
        if (window < 0 || (window > 0 && keepState)) {
            throw new IllegalArgumentException("a window of " + window + " symbols" + (keepState ? " and a state" : "")
                    + "; it must be from 0, and with a window there is no state to keep");
        }
    }

    /**
     * The same at another temperature.
     *
     * @param divisor of the logits: below 1 bolder towards the probable, 0 for always the most probable
     */
    public SamplingOptions temperature(double divisor) {
        return draw(new Draw(divisor, draw.topK(), draw.topP()));
    }

    /**
     * The same from the most probable symbols alone.
     *
     * @param symbols how many, at least 1; {@link Draw#ALL} for all
     */
    public SamplingOptions topK(int symbols) {
        return draw(new Draw(draw.temperature(), symbols, draw.topP()));
    }

    /**
     * The same from the fewest most probable symbols that together are so probable; after {@link #topK}.
     *
     * @param share above 0; 1 for all
     */
    public SamplingOptions topP(double share) {
        return draw(new Draw(draw.temperature(), draw.topK(), share));
    }

    /**
     * The same from another distribution.
     *
     * @param from what each symbol is drawn from
     */
    public SamplingOptions draw(Draw from) {
        return new SamplingOptions(from, seed, maxLength, prime, stop, keepState, pastEnd, window);
    }

    /** The same with other draws. */
    public SamplingOptions seed(long number) {
        return new SamplingOptions(draw, number, maxLength, prime, stop, keepState, pastEnd, window);
    }

    /**
     * The same for sentences of another length.
     *
     * @param characters at most, the beginning included; at least 1
     */
    public SamplingOptions maxLength(int characters) {
        return new SamplingOptions(draw, seed, characters, prime, stop, keepState, pastEnd, window);
    }

    /**
     * The same for sentences that begin otherwise.
     *
     * @param beginning of every sentence, or empty; a model of running text whose vocabulary has no counts needs one
     */
    public SamplingOptions prime(String beginning) {
        return new SamplingOptions(draw, seed, maxLength, beginning, stop, keepState, pastEnd, window);
    }

    /**
     * The same up to a text.
     *
     * @param text where a sentence ends; empty for no such
     */
    public SamplingOptions stop(String text) {
        return new SamplingOptions(draw, seed, maxLength, prime, text, keepState, pastEnd, window);
    }

    /**
     * The same with or without a state that goes on.
     *
     * @param kept whether a sentence starts from the state that the one before left
     */
    public SamplingOptions keepState(boolean kept) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, kept, pastEnd, window);
    }

    /**
     * The same up to the end symbol or past it.
     *
     * @param past whether to go on up to the most characters
     */
    public SamplingOptions pastEnd(boolean past) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, keepState, past, window);
    }

    /**
     * The same from the last symbols alone, or from all of them.
     *
     * @param symbols how many, or 0 for all
     */
    public SamplingOptions window(int symbols) {
        return new SamplingOptions(draw, seed, maxLength, prime, stop, keepState, pastEnd, symbols);
    }
}
