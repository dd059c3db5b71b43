package org.charlstm.cli;

import java.util.List;
import java.util.Objects;
import org.charlstm.text.Captions;
import org.jspecify.annotations.Nullable;

/** A command line that cannot be meant; exit code 2. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "wrong usage has a message");
    }

    /** Refuses windows of running text that are too short or too long; null is none. */
    static void requireWindow(@Nullable Integer window) {
        if (window != null && (window < 1 || window >= Captions.MAX_LENGTH)) {
            throw new UsageException("--window is " + window + "; it must be from 1 to " + (Captions.MAX_LENGTH - 1));
        }
    }

    /** Refuses a number that is too small; null is none. */
    static void requireAtLeast(String option, @Nullable Number value, long least) {
        if (value != null && value.longValue() < least) {
            throw new UsageException(option + " is " + value + "; it must be at least " + least);
        }
    }

    /** Refuses a number that is not above 0, also in float32, which is what devices compute in; null is none. */
    static void requirePositive(String option, @Nullable Double value) {
        if (value != null) {
            if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
                throw new UsageException(option + " is " + value + "; it must be a number above 0");
            }
            requireFloat32(option, value);
        }
    }

    /** Refuses a number that is 0 or infinite in float32 alone. */
    static void requireFloat32(String option, double value) {
        if ((float) value == 0 && value != 0) {
            throw new UsageException(option + " is " + value + ", which is 0 in float32; give a larger one");
        }
        if (Float.isInfinite((float) value) && Double.isFinite(value)) {
            throw new UsageException(option + " is " + value + ", which is infinite in float32; give a smaller one");
        }
    }

    /** Refuses a number that is not from 0 to below 1; null is none. */
    static void requireFraction(String option, @Nullable Double value) {
        if (value != null && !(value >= 0 && value < 1)) {
            throw new UsageException(option + " is " + value + "; it must be from 0 to below 1");
        }
    }

    /** Refuses a word that is none of those known; null is none. */
    static void requireOneOf(String option, @Nullable String asked, List<String> all) {
        if (asked != null && !all.contains(asked)) {
            throw new UsageException(option + " is '" + asked + "'; there are " + String.join(", ", all));
        }
    }

    /** Refuses an option that was given, not null, with another choice than those that it is for. */
    static void requireFor(String option, @Nullable Object given, String choice, String chosen, String... those) {
        if (given != null && !List.of(those).contains(chosen)) {
            throw new UsageException(option + " is for " + choice + " " + String.join(" or ", those) + ", not " + chosen
                    + "; leave it out");
        }
    }
}
