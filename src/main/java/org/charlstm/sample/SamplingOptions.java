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
     * Temperature 1, seed 1, every sentence from a state of zeros up to its end symbol, or up to 400 characters.
     */
    public static final SamplingOptions DEFAULT = new SamplingOptions(1, 1, 400, "", false, false, 0);

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
     * The same at another temperature.
     *
     * @param divisor of the logits; 0 for always the most probable
     * @return other options
     */
    public SamplingOptions temperature(double divisor) {
        return new SamplingOptions(divisor, seed, maxLength, prime, keepState, pastEnd, window);
    }

    /**
     * The same with other draws.
     *
     * @param number fixes them
     * @return other options
     */
    public SamplingOptions seed(long number) {
        return new SamplingOptions(temperature, number, maxLength, prime, keepState, pastEnd, window);
    }

    /**
     * The same for sentences of another length.
     *
     * @param characters at most, the beginning included; at least 1
     * @return other options
     */
    public SamplingOptions maxLength(int characters) {
        return new SamplingOptions(temperature, seed, characters, prime, keepState, pastEnd, window);
    }

    /**
     * The same for sentences that begin otherwise.
     *
     * @param beginning of every sentence; a model of running text needs one
     * @return other options
     */
    public SamplingOptions prime(String beginning) {
        return new SamplingOptions(temperature, seed, maxLength, beginning, keepState, pastEnd, window);
    }

    /**
     * The same with or without a state that goes on.
     *
     * @param kept whether a sentence starts from the state that the one before left
     * @return other options
     */
    public SamplingOptions keepState(boolean kept) {
        return new SamplingOptions(temperature, seed, maxLength, prime, kept, pastEnd, window);
    }

    /**
     * The same up to the end symbol or past it.
     *
     * @param past whether to go on up to the most characters
     * @return other options
     */
    public SamplingOptions pastEnd(boolean past) {
        return new SamplingOptions(temperature, seed, maxLength, prime, keepState, past, window);
    }

    /**
     * The same from the last symbols alone, or from all of them.
     *
     * @param symbols how many, or 0 for all
     * @return other options
     */
    public SamplingOptions window(int symbols) {
        return new SamplingOptions(temperature, seed, maxLength, prime, keepState, pastEnd, symbols);
    }
}
