package org.charlstm;

import org.charlstm.selftest.ValueComparison;
import org.junit.jupiter.api.Assertions;

/** Comparisons of numbers in which NaN fails. */
public final class Agreement {
    private Agreement() {
    }

    /**
     * Fails unless each value agrees, relative to the size of the largest.
     *
     * @return the largest difference, as a share of the largest value expected
     */
    public static double require(String what, double[] expected, double[] actual, double tolerance) {
        ValueComparison comparison = new ValueComparison(tolerance);
        comparison.agree(what, expected, actual);
        comparison.failure().ifPresent(Assertions::fail);
        return comparison.difference();
    }
}
