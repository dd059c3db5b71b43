package org.charlstm.nn;

import module java.base;

/** The steps of a sequence at which a model predicts; training and evaluation count the same steps. */
public enum Prediction {
    /** Predicts at each step from the symbols up to that step, as Keras with {@code return_sequences=True}. */
    ALL,
    /**
     * Predicts at the last step alone, from all T symbols, as Keras without {@code return_sequences} in the top
     * recurrent layer. The layers above the top recurrent layer are computed for the last step alone.
     */
    LAST;

    /** The name in files and on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The number of predicted steps out of T: T or 1. */
    public int steps(int steps) {
        return this == ALL ? steps : 1;
    }

    /** The prediction with this name. Throws {@link IllegalArgumentException} if there is none. */
    public static Prediction of(String title) {
        return Arrays.stream(values()).filter(value -> value.toString().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no prediction is called '" + title + "'"));
    }
}
