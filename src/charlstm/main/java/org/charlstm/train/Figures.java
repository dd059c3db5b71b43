package org.charlstm.train;

import module java.base;

/**
 * The figures of an epoch, counted from 1. They are values by name, {@value #LOSS} for example, and the figures of time
 * come last. Console, files and pages show all figures in this order.
 */
public record Figures(int epoch, Map<String, Double> values) {
    /** The training loss, in nats per counted time step; each batch's loss is taken before its update. */
    public static final String LOSS = "loss";
    /** The loss on validation text after the epoch, in nats per counted time step. */
    public static final String VAL_LOSS = "val_loss";
    /** The {@link #LOSS} over the steps that are not padding, in nats per character. */
    public static final String REAL_LOSS = "real_loss";
    /** The {@link #VAL_LOSS} over the steps that are not padding. */
    public static final String VAL_REAL_LOSS = "val_real_loss";
    /** {@link #REAL_LOSS} in bits. */
    public static final String BITS = "bits_per_character";
    /** {@link #VAL_REAL_LOSS} in bits. */
    public static final String VAL_BITS = "val_bits_per_character";
    /** The loss of the best model, or else of the last, on test text, evaluated once after the last epoch. */
    public static final String TEST_LOSS = "test_loss";
    /** The {@link #TEST_LOSS} over the steps that are not padding. */
    public static final String TEST_REAL_LOSS = "test_real_loss";
    /** {@link #TEST_REAL_LOSS} in bits. */
    public static final String TEST_BITS = "test_bits_per_character";
    /** The learning rate of the last update; present if the rate changes. */
    public static final String LEARNING_RATE = "learning_rate";
    /** The wall time of the epoch, without saving. */
    public static final String SECONDS = "seconds";
    /**
     * The counted time steps per second: all N T steps if padding counts, else the steps of captions with their end
     * symbols. For a model that predicts the last of T steps alone, all T count, since all are computed.
     */
    public static final String CHARS_PER_SECOND = "chars_per_second";

    /** The best epoch, from 1: its monitored figure, such as {@value #VAL_LOSS}, is the lowest, in nats per step. */
    public record Best(int epoch, String monitor, double loss) {
        /** The name of the monitored figure in words. */
        public String title() {
            return monitor.equals(VAL_LOSS) ? "validation loss" : "training loss";
        }
    }

    /** Copies the values. */
    public Figures {
        values = new NamedValues(values);
    }

    /** The figures of an epoch, from 1; {@link #REAL_LOSS} and {@link #BITS} come from the loss without padding. */
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

    /** These figures and a new one before the figures of time. The name is in lower case with underscores. */
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

    /** A figure by its name, {@value #VAL_LOSS} for example. An absent name is an {@link IllegalArgumentException}. */
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

    /** Whether a figure is in nats per time step: its name ends in {@value #LOSS}, not in {@value #REAL_LOSS}. */
    public static boolean isLoss(String name) {
        return name.endsWith(LOSS) && !isRealLoss(name);
    }

    /** Whether a figure is a loss in nats per character; each of these also has a figure in bits. */
    public static boolean isRealLoss(String name) {
        return name.endsWith(REAL_LOSS);
    }

    /** An ordered map that shares its names and boxes no values, since a run keeps up to 20,000 epochs. */
    private static final class NamedValues extends AbstractMap<String, Double> {
        /** The lists of names, shared because all epochs of a run have the same names. */
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
