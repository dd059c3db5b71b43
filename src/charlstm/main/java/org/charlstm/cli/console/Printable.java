package org.charlstm.cli.console;

import java.util.Locale;

/** Symbols written so that a person sees them. */
public final class Printable {
    private Printable() {
    }

    /** A character in quotes, one that is nothing to see by itself as its number, a named symbol as it is. */
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
     * Text that a model wrote. Control characters become a replacement sign, except tabs, and line feeds where
     * sentences have lines.
     */
    public static String sentence(String text, boolean hasLines) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().forEach(c -> visible.appendCodePoint(
                Character.isISOControl(c) && c != '\t' && !(c == '\n' && hasLines) ? '\uFFFD' : c));
        return visible.toString();
    }

    /**
     * Text in which each character keeps one column: line feeds and tabs as signs of their own, other control
     * characters as a replacement sign.
     */
    public static String text(String text) {
        StringBuilder visible = new StringBuilder();
        text.codePoints().forEach(c -> visible.appendCodePoint(c == '\n' ? '\u23CE'
                : c == '\t' ? '\u21E5' : Character.isISOControl(c) ? '\uFFFD' : c));
        return visible.toString();
    }
}
