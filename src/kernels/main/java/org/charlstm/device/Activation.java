package org.charlstm.device;

import module java.base;

/** The function that a dense layer applies to its sums, element by element. */
public enum Activation {
    /** The identity. */
    LINEAR,
    /** max(0, x); its gradient at 0 is 0. */
    RELU,
    /** The hyperbolic tangent. */
    TANH;

    /** Finds an activation by its {@link #title}; throws an {@link IllegalArgumentException} for an unknown title. */
    public static Activation of(String title) {
        return Arrays.stream(values()).filter(value -> value.title().equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no activation '" + title + "'; there are "
                        + Arrays.stream(values()).map(Activation::title).toList()));
    }

    /** The name in Keras and in model files. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
