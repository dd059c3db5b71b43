package org.charlstm.nn;

import module java.base;

/** The steps of a sequence at which a model predicts, and by which it is trained and measured. */
public enum Prediction {
    /** Each step, from the symbols up to it: Keras' {@code return_sequences=True}. */
    ALL,
    /**
     * The last step alone, from all T symbols, as in Keras without {@code return_sequences} in the top recurrent
     * layer. The layers above that layer are computed for this step alone.
     */
    LAST;

    /** The name in files and on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The number of predicted steps of T: T or 1. */
    public int steps(int steps) {
        return this == ALL ? steps : 1;
    }

    /** The prediction of a name. Throws {@link IllegalArgumentException} if there is none. */
    public static Prediction of(String title) {
        return Arrays.stream(values()).filter(value -> value.toString().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no prediction is called '" + title + "'"));
    }
}
