package org.charlstm.device;

import module java.base;

/** The activation of an LSTM's input, forget and output gates, and of a GRU's update and reset gates. */
public enum RecurrentActivation {
    /** 1 / (1 + exp(-x)). */
    SIGMOID,
    /** clip(0.2 x + 0.5, 0, 1), the default of Keras up to 2.2; its gradient is 0 where it is clipped. */
    HARD_SIGMOID;

    /** Finds an activation by its name; throws an {@link IllegalArgumentException} for an unknown name. */
    public static RecurrentActivation of(String title) {
        return Arrays.stream(values()).filter(value -> value.toString().equals(title)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("no recurrent activation '" + title + "'; there are "
                        + Arrays.toString(values())));
    }

    /** The name in Keras, in model files and on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
