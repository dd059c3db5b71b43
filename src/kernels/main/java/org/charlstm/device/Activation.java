package org.charlstm.device;

import module java.base;

/** The function that a dense layer applies to its sums, element by element. */
public enum Activation {
    /** Nothing. */
    LINEAR,
    /** max(0, x); its gradient at 0 is 0. */
    RELU,
    /** The hyperbolic tangent. */
    TANH;

    /** By its {@link #title}; another is an {@link IllegalArgumentException}. */
    public static Activation of(String title) {
        return Arrays.stream(values()).filter(value -> value.title().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no activation '" + title + "'; there are "
                        + Arrays.stream(values()).map(Activation::title).toList()));
    }

    /** As Keras and the model files name it. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
