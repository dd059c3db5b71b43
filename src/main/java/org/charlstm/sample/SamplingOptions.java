package org.charlstm.sample;

/**
 * How to write sentences.
 *
 * @param temperature divides the logits: below 1 bolder towards the probable, 0 always the most probable
 * @param seed        fixes every draw, together with the sentence's number and the position in it
 * @param maxLength   the most characters of a sentence, its beginning included
 * @param prime       how every sentence begins
 * @param keepState   whether a sentence starts from the state that the one before left, rather than from zeros
 * @param pastEnd     whether to go on after the end symbol, up to the most characters
 * @param window      how many of the last symbols each is drawn from, with a state of zeros before them, as a stateless
 *                    Keras model predicts; 0 for all of them, through the state
 */
public record SamplingOptions(double temperature, long seed, int maxLength, String prime, boolean keepState,
        boolean pastEnd, int window) {
    /**
     * Sampling through the state.
     *
     * @param temperature divides the logits
     * @param seed        fixes every draw
     * @param maxLength   the most characters of a sentence, its beginning included
     * @param prime       how every sentence begins
     * @param keepState   whether a sentence starts from the state that the one before left
     * @param pastEnd     whether to go on after the end symbol
     */
    public SamplingOptions(double temperature, long seed, int maxLength, String prime, boolean keepState,
            boolean pastEnd) {
        this(temperature, seed, maxLength, prime, keepState, pastEnd, 0);
    }

    /** Refuses values that cannot sample. */
    public SamplingOptions {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the temperature is " + temperature + "; it must be 0 or more");
        }
        if (maxLength < 1) {
            throw new IllegalArgumentException("the length is " + maxLength + "; it must be at least 1");
        }
        if (window < 0 || (window > 0 && keepState)) {
            throw new IllegalArgumentException("a window of " + window + " symbols" + (keepState ? " and a state" : "")
                    + "; it must be from 0, and with a window there is no state to keep");
        }
    }

    /**
     * Plain sampling: temperature 1, every sentence from a state of zeros up to its end symbol.
     *
     * @param seed      fixes every draw
     * @param maxLength the most characters of a sentence
     * @return the options
     */
    public static SamplingOptions plain(long seed, int maxLength) {
        return new SamplingOptions(1, seed, maxLength, "", false, false);
    }
}
