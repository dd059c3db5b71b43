package org.charlstm.cli;

import java.util.Objects;
import org.charlstm.text.Captions;

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

    /** Refuses windows of running text that are too short or too long. */
    static void requireWindow(int window) {
        if (window < 1 || window >= Captions.MAX_LENGTH) {
            throw new UsageException("--window is " + window + "; it must be from 1 to " + (Captions.MAX_LENGTH - 1));
        }
    }

    /** Refuses a number that is too small. */
    static void requireAtLeast(String option, long value, long least) {
        if (value < least) {
            throw new UsageException(option + " is " + value + "; it must be at least " + least);
        }
    }
}
