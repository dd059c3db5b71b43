package org.charlstm;

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
        Assertions.assertEquals(expected.length, actual.length, what);
        double scale = 0;
        double most = 0;
        int worst = 0;
        for (int i = 0; i < expected.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
            double off = Math.abs(expected[i] - actual[i]);
            worst = off <= most || Double.isNaN(most) ? worst : i;
            most = Math.max(most, off);
        }
        double relative = most == 0 ? 0 : most / scale;
        if (!(relative <= tolerance)) {
            Assertions.fail(what + "[" + worst + "] is " + actual[worst] + ", not " + expected[worst] + ": off by "
                    + most + " where " + tolerance * scale + " is allowed");
        }
        return relative;
    }
}
