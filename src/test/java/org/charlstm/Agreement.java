package org.charlstm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

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
        assertEquals(expected.length, actual.length, what);
        double scale = 0;
        for (double value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs(expected[i] - actual[i]);
            double bound = tolerance * scale;
            if (!(difference <= bound)) {
                fail(what + "[" + i + "] is " + actual[i] + ", not " + expected[i] + ": off by " + difference
                        + " where " + bound + " is allowed");
            }
            worst = Math.max(worst, difference);
        }
        return scale == 0 ? worst : worst / scale;
    }
}
