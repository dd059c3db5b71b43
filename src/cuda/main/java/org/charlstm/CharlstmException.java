package org.charlstm;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * A failure that the user can mend, such as an unreadable file, a missing library or GPU, or too little memory. The
 * message is one line, shortened by {@link #line}, that says what is wrong, where, and what to do.
 */
public class CharlstmException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The most characters of a message: a terminal of 24 lines of 80 columns, less some room. */
    private static final int MOST = 1500;
    /** The characters kept from the end of a longer message, where the advice stands. */
    private static final int END = 500;

    private transient Enum<?>[] remedies = {};

    /** A failure with no deeper cause worth showing. */
    public CharlstmException(String message) {
        super(line(message));
    }

    /** A failure with its cause, or null. */
    @SuppressWarnings("exports") // An annotation alone, which users need not have.
    public CharlstmException(String message, @Nullable Throwable cause) {
        super(line(message), cause);
    }

    /**
     * Shortens a text to one line that fits a terminal's screen. Messages quote untrusted files, whose text may be
     * long.
     *
     * @return the text with spaces for line breaks and tabs, and U+FFFD for every other control character; if the text
     *         is longer than a screen, a count replaces the characters of its middle
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
     * Names the settings that mend this failure, as values of the program's own enum; a tool can tell the user how to
     * give them.
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
