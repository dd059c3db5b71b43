package org.charlstm.selftest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When values agree and when they do not. */
class ValueComparisonTest {
    private static ValueComparison agree(double[] expected, double... actual) {
        ValueComparison comparison = new ValueComparison(0.1);
        comparison.agree("x", expected, actual);
        return comparison;
    }

    private static void require(ValueComparison comparison, double difference, String failure) {
        assertEquals(difference, comparison.difference());
        assertEquals(Optional.ofNullable(failure), comparison.failure());
    }

    @Test
    void differencesAreRelativeToTheLargestValue() {
        require(agree(new double[] {1, -8}, 1.5, -8), 0.0625, null);
        require(agree(new double[] {1, -8}, 2, -8), 0.125,
                "x[0] is 2.0, not 1.0: off by 1.0 where 0.8 is allowed");
        require(agree(new double[0]), 0, null);
        require(agree(new double[2], 0, 0), 0, null);
        require(agree(new double[2], 0, 1e-9), Double.POSITIVE_INFINITY,
                "x[1] is 1.0E-9, not 0.0: off by 1.0E-9 where 0.0 is allowed");
    }

    @Test
    void nanAndInfinityNeverAgree() {
        require(agree(new double[] {1, 2, 3}, 1, Double.NaN, 9), Double.NaN,
                "x[1] is NaN, not 2.0: off by NaN where 0.30000000000000004 is allowed");
        require(agree(new double[] {Double.NaN}, Double.NaN), Double.NaN,
                "x[0] is NaN, not NaN: off by NaN where NaN is allowed");
        require(agree(new double[] {Double.POSITIVE_INFINITY, 1}, Double.POSITIVE_INFINITY, 1), Double.NaN,
                "x[0] is Infinity, not Infinity: off by NaN where Infinity is allowed");
        ValueComparison comparison = agree(new double[] {1}, Double.NaN);
        comparison.agree("y", new double[] {1}, new double[] {1});
        assertEquals(Double.NaN, comparison.difference(), "what follows does not hide a NaN");
    }

    @Test
    void allOfThemAreNeeded() {
        require(agree(new double[] {1, 2}, 1), 0, "x: 1 values, not 2");
        ValueComparison ids = new ValueComparison(1);
        ids.same("ids", new int[] {1, 2}, new int[] {1});
        require(ids, 0, "ids: 1 values, not 2");
    }

    @Test
    void bitsAreComparedWhateverTheTolerance() {
        ValueComparison near = new ValueComparison(0.1);
        near.same("x", new double[] {1, 0.0}, new double[] {1, -0.0});
        require(near, 0, "x[1] is -0.0, not 0.0 to the bit");
        ValueComparison ids = new ValueComparison(1);
        ids.same("ids", new int[] {1, 2}, new int[] {1, 3});
        require(ids, 1, "ids[1] is 3, not 2");
        ValueComparison nan = new ValueComparison(0);
        nan.same("x", new double[] {Double.NaN}, new double[] {Double.NaN});
        assertEquals("x[0] is NaN, not NaN: off by NaN where NaN is allowed", nan.failure().orElseThrow());
    }
}
