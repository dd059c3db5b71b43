package org.charlstm.base;

import java.util.Collection;

/** The median and the range of values. */
public record Spread(double median, double min, double max) {
    /** The spread of at least one value. */
    public static Spread of(Collection<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no values have no spread");
        }
        return new Spread((sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2, sorted[0],
                sorted[sorted.length - 1]);
    }

    /** Whether all values are equal, or there is only one. */
    public boolean isSingle() {
        return min == max;
    }

    /** Whether the ranges from minimum to maximum overlap. */
    public boolean overlaps(Spread other) {
        return min <= other.max && other.min <= max;
    }

    /** The spread of a constant divided by each value; for values in seconds, the spread of amounts per second. */
    public Spread dividing(double constant) {
        return new Spread(constant / median, constant / max, constant / min);
    }
}
