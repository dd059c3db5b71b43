package org.charlstm.selftest;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares actual with expected values; keeps the largest difference and the first failure. NaN always fails. */
public final class ValueComparison {
    private final double tolerance;
    private double difference;
    private @Nullable String failure;
    /** The first difference of values that must be bit-identical. */
    private @Nullable String bits;
    private @Nullable String note;

    /** Allows differences up to {@code tolerance}, as a share of the largest expected value. */
    public ValueComparison(double tolerance) {
        this.tolerance = tolerance;
    }

    /** Compares values, relative to the largest expected value. */
    public void agree(String what, double[] expected, double[] actual) {
        compare(what, expected, actual, tolerance);
    }

    private void compare(String what, double[] expected, double[] actual, double allowed) {
        if (!sameLength(what, expected.length, actual.length)) {
            return;
        }
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
        difference = Math.max(difference, relative);
        if (!(relative <= allowed)) {
            fail(what + "[" + worst + "] is " + actual[worst] + ", not " + expected[worst] + ": off by " + most
                    + " where " + allowed * scale + " is allowed");
        }
    }

    /** Compares values that must be bit-identical for any tolerance, and not NaN. */
    public void same(String what, double[] expected, double[] actual) {
        // Records the difference of any size and fails for NaN; the loop below compares bits.
        compare(what, expected, actual, Double.POSITIVE_INFINITY);
        for (int i = 0; i < Math.min(expected.length, actual.length) && bits == null; i++) {
            if (Double.doubleToRawLongBits(expected[i]) != Double.doubleToRawLongBits(actual[i])) {
                bits = what + "[" + i + "] is " + actual[i] + ", not " + expected[i] + " to the bit";
            }
        }
    }

    /** Compares integers, which must be equal. */
    public void same(String what, int[] expected, int[] actual) {
        if (!sameLength(what, expected.length, actual.length)) {
            return;
        }
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs((double) expected[i] - actual[i]));
            if (expected[i] != actual[i]) {
                fail(what + "[" + i + "] is " + actual[i] + ", not " + expected[i]);
            }
        }
    }

    private boolean sameLength(String what, int expected, int actual) {
        if (expected != actual) {
            fail(what + ": " + actual + " values, not " + expected);
        }
        return expected == actual;
    }

    private void fail(String text) {
        failure = failure == null ? text : failure;
    }

    /** Fails with a message unless a condition holds. */
    public void require(String message, boolean condition) {
        if (!condition) {
            fail(message);
        }
    }

    /** Keeps a note for the user about a check that passes. */
    public void note(String text) {
        note = text;
    }

    /** The largest difference as a share of the largest expected value; NaN if a value was NaN. */
    public double difference() {
        return difference;
    }

    /** The first failure; empty if there is none. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure == null ? bits : failure);
    }

    /** Whether the only failures are values that are not bit-identical. */
    boolean failsByBitsAlone() {
        return failure == null && bits != null;
    }

    Optional<String> note() {
        return Optional.ofNullable(note);
    }
}
