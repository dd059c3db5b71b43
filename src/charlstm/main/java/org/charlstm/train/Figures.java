package org.charlstm.train;

import module java.base;

/**
 * The figures of an epoch, from 1: values by name, {@value #LOSS} for example, in an order with those of time last.
 * Console, files and pages show all of them in this order.
 */
public record Figures(int epoch, Map<String, Double> values) {
    /** The mean over captions of the loss of their batch before its update, in nats a time step that counts. */
    public static final String LOSS = "loss";
    /** The loss after the epoch on validation text, in nats a time step that counts. */
    public static final String VAL_LOSS = "val_loss";
    /** The {@link #LOSS} over the steps that are not padding, in nats a character. */
    public static final String REAL_LOSS = "real_loss";
    /** The {@link #VAL_LOSS} over the steps that are not padding. */
    public static final String VAL_REAL_LOSS = "val_real_loss";
    /** {@link #REAL_LOSS} in bits. */
    public static final String BITS = "bits_per_character";
    /** {@link #VAL_REAL_LOSS} in bits. */
    public static final String VAL_BITS = "val_bits_per_character";
    /** The loss of the best model, or the last, on test text, evaluated once after the last epoch. */
    public static final String TEST_LOSS = "test_loss";
    /** The {@link #TEST_LOSS} over the steps that are not padding. */
    public static final String TEST_REAL_LOSS = "test_real_loss";
    /** {@link #TEST_REAL_LOSS} in bits. */
    public static final String TEST_BITS = "test_bits_per_character";
    /** The rate of the last update, where the rate changes. */
    public static final String LEARNING_RATE = "learning_rate";
    /** Wall time, saving not counted. */
    public static final String SECONDS = "seconds";
    /**
     * The time steps a second that the loss counts: all N T where padding counts, else captions with an end symbol
     * each. A model that predicts the last of T steps alone computes, and counts here, all T.
     */
    public static final String CHARS_PER_SECOND = "chars_per_second";

    /** The epoch, from 1, whose monitored figure, {@value #VAL_LOSS} for example, is the lowest, in nats a step. */
    public record Best(int epoch, String monitor, double loss) {
        /** The monitor in words. */
        public String title() {
            return monitor.equals(VAL_LOSS) ? "validation loss" : "training loss";
        }
    }

    /** Copies the values. */
    public Figures {
        values = new NamedValues(values);
    }

    /** The figures of an epoch, from 1; the loss without padding gives {@link #REAL_LOSS} and {@link #BITS}. */
    public static Figures of(int epoch, double loss, double realLoss, double seconds, double charsPerSecond) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(LOSS, loss);
        values.put(REAL_LOSS, realLoss);
        values.put(BITS, bits(realLoss));
        values.put(SECONDS, seconds);
        values.put(CHARS_PER_SECOND, charsPerSecond);
        return new Figures(epoch, values);
    }

    static double bits(double loss) {
        return loss / Math.log(2);
    }

    /** These figures and one more, before those of time, under a new name in lower case with underscores. */
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

    /** A figure by its name, {@value #VAL_LOSS} for example; another is an {@link IllegalArgumentException}. */
    public double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("epoch " + epoch + " has no " + name);
        }
        return value;
    }

    /** The {@link #LOSS}. */
    public double loss() {
        return get(LOSS);
    }

    /** The {@link #SECONDS}. */
    public double seconds() {
        return get(SECONDS);
    }

    /** Whether a figure is a loss in nats a time step: it ends in {@value #LOSS}, not in {@value #REAL_LOSS}. */
    public static boolean isLoss(String name) {
        return name.endsWith(LOSS) && !isRealLoss(name);
    }

    /** Whether a figure is a loss in nats a character, which also has a figure in bits. */
    public static boolean isRealLoss(String name) {
        return name.endsWith(REAL_LOSS);
    }

    /** Values by name, in an order, without an object each: a run keeps the figures of up to 20,000 epochs. */
    private static final class NamedValues extends AbstractMap<String, Double> {
        /** Shared: all epochs of a run have the same names. */
        private static final Map<List<String>, List<String>> NAMES = new ConcurrentHashMap<>();

        private final List<String> names;
        private final double[] values;

        NamedValues(Map<String, Double> of) {
            names = NAMES.computeIfAbsent(List.copyOf(of.keySet()), same -> same);
            values = of.values().stream().mapToDouble(Double::doubleValue).toArray();
        }

        @Override
        public Set<Map.Entry<String, Double>> entrySet() {
            return new AbstractSet<>() {
                @Override
                public Iterator<Map.Entry<String, Double>> iterator() {
                    return IntStream.range(0, values.length).mapToObj(i -> Map.entry(names.get(i), values[i]))
                            .iterator();
                }

                @Override
                public int size() {
                    return values.length;
                }
            };
        }
    }
}
