package org.charlstm.cli.console;

import java.util.Locale;

/** Makes symbols visible to people. */
public final class Printable {
    private Printable() {
    }

    /** A character in quotes, or by its number if it is invisible; a named symbol is returned unchanged. */
    public static String symbol(String name) {
        int first = name.codePointAt(0);
        if (name.codePointCount(0, name.length()) > 1) {
            return name;
        }
        return isInvisible(first) ? String.format(Locale.ROOT, "U+%04X", first) : "'" + name + "'";
    }

    private static boolean isInvisible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK ->
                true;
            case Character.SPACE_SEPARATOR -> character != ' ';
            default -> false;
        };
    }

    /**
     * The text of a sentence that a model wrote. Control characters become replacement characters, except tabs, and
     * line feeds in sentences with lines.
     */
    public static String sentence(String text, boolean hasLines) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().forEach(c -> visible.appendCodePoint(
                Character.isISOControl(c) && c != '\t' && !(c == '\n' && hasLines) ? '\uFFFD' : c));
        return visible.toString();
    }

    /**
     * Text in which each character takes one column: line feeds and tabs become symbols of their own, other control
     * characters become replacement characters.
     */
    public static String text(String text) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().forEach(c -> visible.appendCodePoint(c == '\n' ? '\u23CE'
                : c == '\t' ? '\u21E5' : Character.isISOControl(c) ? '\uFFFD' : c));
        return visible.toString();
    }
}
