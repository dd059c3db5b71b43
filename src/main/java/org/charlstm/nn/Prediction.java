package org.charlstm.nn;

import java.util.Arrays;
import java.util.List;

/** Which steps of a sequence a model predicts at, and by which of them it is trained and measured. */
public enum Prediction {
    /** Each step: what follows the symbols up to there. Keras' {@code return_sequences=True}. */
    ALL("all"),
    /**
     * The last step alone: what follows all T symbols, as Keras has it where the last LSTM is without
     * {@code return_sequences}. The layers above that one are computed for it alone.
     */
    LAST("last");

    private final String title;

    Prediction(String title) {
        this.title = title;
    }

    /** What files and people call it. */
    public String title() {
        return title;
    }

    /**
     * How many steps are predicted.
     *
     * @return T, or 1
     */
    public int steps(int steps) {
        return this == ALL ? steps : 1;
    }

    /** What all are called. */
    public static List<String> titles() {
        return Arrays.stream(values()).map(Prediction::title).toList();
    }

    /**
     * The one of a title.
     *
     * @throws IllegalArgumentException if none is called so
     */
    public static Prediction of(String title) {
        return Arrays.stream(values()).filter(value -> value.title.equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no prediction is called '" + title + "'"));
    }
}
