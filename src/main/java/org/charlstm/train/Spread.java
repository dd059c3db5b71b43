package org.charlstm.train;

import java.util.Collection;

/**
 * How values lie.
 *
 * @param median the middle one, or the mean of the two in the middle
 */
public record Spread(double median, double min, double max) {
    /**
     * Looks at values.
     *
     * @param values at least one
     */
    public static Spread of(Collection<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no values have no spread");
        }
        return new Spread((sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2, sorted[0],
                sorted[sorted.length - 1]);
    }

    /**
     * Whether there is no telling how far values lie apart.
     *
     * @return true of one value, or of equal ones
     */
    public boolean isSingle() {
        return min == max;
    }

    /**
     * Whether some value may be of both.
     *
     * @return whether their ranges, from least to greatest, have anything in common
     */
    public boolean overlaps(Spread other) {
        return min <= other.max && other.min <= max;
    }

    /**
     * The spread of a constant divided by each value.
     *
     * @param constant for example an amount, where the values are seconds
     * @return for example the spread of the amount a second
     */
    public Spread dividing(double constant) {
        return new Spread(constant / median, constant / max, constant / min);
    }
}
