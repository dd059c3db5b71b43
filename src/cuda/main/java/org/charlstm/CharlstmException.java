package org.charlstm;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can mend: a file that cannot be read, a library or a GPU that is not here, memory that does
 * not suffice.
 * Its message is one line that says what is wrong, where, and what to do; it is {@link #line} of what it was made with.
 */
public class CharlstmException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The characters of a terminal's screen, 24 lines of 80 columns, less some room. */
    private static final int MOST = 1500;
    /** The end of a longer message that is kept: the advice stands there. */
    private static final int END = 500;

    private transient Enum<?>[] remedies = {};

    /** A failure with no deeper cause worth showing. */
    public CharlstmException(String message) {
        super(line(message));
    }

    /** A failure with what was caught; null for none. */
    @SuppressWarnings("exports") // An annotation alone, which users need not have.
    public CharlstmException(String message, @Nullable Throwable cause) {
        super(line(message), cause);
    }

    /**
     * A text as one line that fits a terminal's screen. Messages quote files that
     * come from elsewhere, whose words may be any and long.
     *
     * @return the same with spaces for line breaks and tabs, a replacement sign for every other control character, and,
     *         where it is longer than a screen, a number for the characters left out of its middle
     */
    public static String line(String text) {
        String kept = text.length() <= MOST ? text : text.substring(0, MOST - END) + " [" + (text.length() - MOST)
                + " characters left out] " + text.substring(text.length() - END);
        StringBuilder line = new StringBuilder();
        kept.replaceAll("\\R|\t", " ").codePoints().forEach(c -> line.appendCodePoint(
                Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c));
        return line.toString();
    }

    /**
     * Names what mends this failure, by values of an enum of the program that throws it: a tool can say how a person
     * gives them.
     */
    public final CharlstmException mendedBy(Enum<?>... mending) {
        remedies = mending.clone();
        return this;
    }

    /** The values that {@link #mendedBy} was given; often none. */
    public final List<Enum<?>> remedies() {
        return List.of(remedies);
    }

    /** The message, never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage(), "a failure has a message");
    }
}
