package org.charlstm.device;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What an LSTM's input, forget and output gates are made by. */
public enum RecurrentActivation {
    /** 1 / (1 + exp(-x)). */
    SIGMOID,
    /** clip(0.2 x + 0.5, 0, 1), the default of Keras up to 2.2; its gradient is 0 where it is clipped. */
    HARD_SIGMOID;

    /** Every {@link #title}. */
    public static List<String> titles() {
        return Arrays.stream(values()).map(RecurrentActivation::title).toList();
    }

    /**
     * By its {@link #title}.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static RecurrentActivation of(String title) {
        return Arrays.stream(values()).filter(value -> value.title().equals(title)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("no recurrent activation '" + title + "'; there are " + titles()));
    }

    /** As Keras, the model files and the command line name it. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
