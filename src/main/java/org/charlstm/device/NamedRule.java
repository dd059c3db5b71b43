package org.charlstm.device;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The update rules as people name them, with Keras' values. */
public enum NamedRule {
    /** {@link RmsProp}. */
    RMSPROP(RmsProp.LEARNING_RATE),
    /** {@link Adam}. */
    ADAM(Adam.LEARNING_RATE),
    /** {@link Adam} with decoupled weight decay. */
    ADAMW(Adam.LEARNING_RATE),
    /** {@link Sgd}. */
    SGD(Sgd.LEARNING_RATE);

    private final double learningRate;

    NamedRule(double learningRate) {
        this.learningRate = learningRate;
    }

    /** Every {@link #title}. */
    public static List<String> titles() {
        return Arrays.stream(values()).map(NamedRule::title).toList();
    }

    /**
     * By its {@link #title}.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static NamedRule of(String title) {
        return Arrays.stream(values()).filter(value -> value.title().equals(title)).findFirst().orElseThrow(
                () -> new IllegalArgumentException("no optimiser '" + title + "'; there are " + titles()));
    }

    /** As the command line names it. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The rule.
     *
     * @return with Keras' values
     */
    public UpdateRule rule() {
        return switch (this) {
            case RMSPROP -> RmsProp.KERAS;
            case ADAM -> Adam.KERAS;
            case ADAMW -> Adam.KERAS_W;
            case SGD -> Sgd.KERAS;
        };
    }

    /**
     * Keras' learning rate for it.
     *
     * @return above 0
     */
    public double learningRate() {
        return learningRate;
    }
}
