package org.charlstm.train;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one epoch gave: values by name, in an order. Whatever shows figures shows all that are here, in this order.
 *
 * @param epoch  from 1
 * @param values by name, for example {@value #LOSS}; those of time come last
 */
public record Figures(int epoch, Map<String, Double> values) {
    /** The mean over captions of their batch's loss before its update, in nats a time step that counts. */
    public static final String LOSS = "loss";
    /** The loss of the model after the epoch on text that it does not learn, in nats a time step that counts. */
    public static final String VAL_LOSS = "val_loss";
    /** As {@link #LOSS}, but in nats a character: of the steps that are no padding, alone. */
    public static final String REAL_LOSS = "real_loss";
    /** The same of {@link #VAL_LOSS}. */
    public static final String VAL_REAL_LOSS = "val_real_loss";
    /** {@link #REAL_LOSS} in bits. */
    public static final String BITS = "bits_per_character";
    /** {@link #VAL_REAL_LOSS} in bits. */
    public static final String VAL_BITS = "val_bits_per_character";
    /** The loss of the best model, or the last, on text that decided nothing, looked at once after the last epoch. */
    public static final String TEST_LOSS = "test_loss";
    /** The same in nats a character, padding left out. */
    public static final String TEST_REAL_LOSS = "test_real_loss";
    /** {@link #TEST_REAL_LOSS} in bits. */
    public static final String TEST_BITS = "test_bits_per_character";
    /** Of the last update, where updates have other rates. */
    public static final String LEARNING_RATE = "learning_rate";
    /** Wall time, saving not counted. */
    public static final String SECONDS = "seconds";
    /**
     * The time steps that the loss counts, a second: all of N T with padding, else captions and one end symbol each.
     * Where of T steps the last alone counts, all T do here.
     */
    public static final String CHARS_PER_SECOND = "chars_per_second";

    /** Copies the values. */
    public Figures {
        values = new NamedValues(values);
    }

    /**
     * The figures of an epoch of training.
     *
     * @param epoch          from 1
     * @param loss           {@link #LOSS}
     * @param realLoss       {@link #REAL_LOSS}, from which {@link #BITS} follow; NaN where it is not known, and then
     *                       both are left out
     * @param seconds        {@link #SECONDS}
     * @param charsPerSecond {@link #CHARS_PER_SECOND}
     * @return them in this order
     */
    public static Figures of(int epoch, double loss, double realLoss, double seconds, double charsPerSecond) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(LOSS, loss);
        if (!Double.isNaN(realLoss)) {
            values.put(REAL_LOSS, realLoss);
            values.put(BITS, bits(realLoss));
        }
        values.put(SECONDS, seconds);
        values.put(CHARS_PER_SECOND, charsPerSecond);
        return new Figures(epoch, values);
    }

    /** A loss as people compare it. */
    static double bits(double loss) {
        return loss / Math.log(2);
    }

    /**
     * These and one more, before those of time.
     *
     * @param name  a new name, in lower case with underscores
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
     * Whether a figure is a loss in nats a time step.
     *
     * @return whether it ends in {@value #LOSS}, and not in {@value #REAL_LOSS}
     */
    public static boolean isLoss(String name) {
        return name.endsWith(LOSS) && !isRealLoss(name);
    }

    /**
     * Whether a figure is a loss in nats a character, padding left out, of which there are also bits.
     *
     * @return whether it ends in {@value #REAL_LOSS}
     */
    public static boolean isRealLoss(String name) {
        return name.endsWith(REAL_LOSS);
    }
}
