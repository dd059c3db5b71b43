package org.charlstm;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can mend: a file that cannot be read, a device that is not here, a model that does not fit.
 * Its message is one line that says what is wrong, where, and what to do.
 */
public class CharlstmException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * A failure with no deeper cause worth showing.
     *
     * @param message one line: what, where, what to do
     */
    public CharlstmException(String message) {
        super(message);
    }

    /**
     * A failure with its cause, shown under {@code --verbose}.
     *
     * @param message one line: what, where, what to do
     * @param cause   what was caught; null for none
     */
    public CharlstmException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * What is wrong.
     *
     * @return one line: what, where, what to do; never null
     */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "a failure has a message");
    }
}
