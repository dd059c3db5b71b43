package org.charlstm.device;

/** Checks of what update rules are made of: values with which weights would become NaN are refused. */
final class RuleValues {
    private RuleValues() {
    }

    static void requireFraction(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException("the " + what + " is " + value + "; it must be from 0 to below 1");
        }
    }

    static void requireEpsilon(double value) {
        // As devices have it, which compute in float32.
        if (!((float) value > 0 && (float) value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the epsilon is " + value + "; it must be above 0");
        }
    }

    static void requireDecay(double value) {
        if (!(value >= 0 && (float) value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the weight decay is " + value + "; it must be at least 0");
        }
    }
}
