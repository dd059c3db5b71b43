package org.charlstm.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one epoch gave: values by name, in an order. Whatever shows figures shows all that are here, in this order.
 *
 * @param epoch  from 1
 * @param values by name, for example {@value #LOSS}; those of time come last
 */
public record Figures(int epoch, Map<String, Double> values) {
    /** The mean over captions of their batch's loss before its update, in nats a time step. */
    public static final String LOSS = "loss";
    /** The loss of the model after the epoch on text that it does not learn, in nats a time step. */
    public static final String VAL_LOSS = "val_loss";
    /** The loss in bits a character, padding left out, as {@link org.charlstm.text.Corpus#bitsPerCharacter} has it. */
    public static final String BITS = "bits_per_character";
    /** The same of {@link #VAL_LOSS}. */
    public static final String VAL_BITS = "val_bits_per_character";
    /** The loss of the best model, or the last, on text that decided nothing, looked at once after the last epoch. */
    public static final String TEST_LOSS = "test_loss";
    /** The same in bits a character. */
    public static final String TEST_BITS = "test_bits_per_character";
    /** Of the last update, where updates have other rates. */
    public static final String LEARNING_RATE = "learning_rate";
    /** Wall time, saving not counted. */
    public static final String SECONDS = "seconds";
    /** Time steps of all captions, N T, a second. */
    public static final String CHARS_PER_SECOND = "chars_per_second";

    /** Copies the values. */
    public Figures {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * The figures of an epoch of training.
     *
     * @param epoch          from 1
     * @param loss           {@link #LOSS}
     * @param bits           {@link #BITS}
     * @param seconds        {@link #SECONDS}
     * @param charsPerSecond {@link #CHARS_PER_SECOND}
     * @return them in this order
     */
    public static Figures of(int epoch, double loss, double bits, double seconds, double charsPerSecond) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(LOSS, loss);
        values.put(BITS, bits);
        values.put(SECONDS, seconds);
        values.put(CHARS_PER_SECOND, charsPerSecond);
        return new Figures(epoch, values);
    }

    /**
     * These and one more, before those of time.
     *
     * @param name  a new name, in lower case with underscores
     * @param value finite
     * @return other figures
     */
    public Figures with(String name, double value) {
        Map<String, Double> more = new LinkedHashMap<>();
        values.forEach((other, figure) -> {
            if (other.equals(SECONDS)) {
                more.put(name, value);
            }
            more.put(other, figure);
        });
        more.putIfAbsent(name, value);
        return new Figures(epoch, more);
    }

    /**
     * A figure by its name.
     *
     * @param name for example {@value #VAL_LOSS}
     * @return its value
     * @throws IllegalArgumentException if it is not here
     */
    public double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("epoch " + epoch + " has no " + name);
        }
        return value;
    }

    /**
     * The loss of training.
     *
     * @return {@link #LOSS}
     */
    public double loss() {
        return get(LOSS);
    }

    /**
     * How long the epoch took.
     *
     * @return {@link #SECONDS}
     */
    public double seconds() {
        return get(SECONDS);
    }

    /**
     * Whether a figure is a loss in nats a time step, which people read in bits too.
     *
     * @param name the figure's name
     * @return whether it ends in {@value #LOSS}
     */
    public static boolean isLoss(String name) {
        return name.endsWith(LOSS);
    }
}
