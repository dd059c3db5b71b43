package org.charlstm.report;

import java.util.Locale;

/** Text as HTML. */
final class Html {
    private Html() {
    }

    /**
     * The text itself, whatever it holds: line feeds and tabs, which HTML takes for spaces, as signs of their own, and
     * other control characters, for which it has no place, as a replacement sign.
     */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\n' -> escaped.append('\u23CE');
                case '\t' -> escaped.append('\u21E5');
                default -> escaped.appendCodePoint(
                        Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c);
            }
        });
        return escaped.toString();
    }

    /** A row of a table. */
    static String row(String cell, Object... values) {
        StringBuilder row = new StringBuilder("<tr>");
        for (Object value : values) {
            row.append('<').append(cell).append('>').append(escape(value.toString())).append("</").append(cell)
                    .append('>');
        }
        return row.append("</tr>\n").toString();
    }

    /** Three digits, thousands and millions by letter. */
    static String shortly(double value) {
        double unit = value >= 999_500 ? 1e6 : value >= 999.5 ? 1e3 : 1;
        double number = value / unit;
        return String.format(Locale.ROOT, number < 9.995 ? "%.2f%s" : number < 99.95 ? "%.1f%s" : "%.0f%s", number,
                unit == 1e6 ? "M" : unit == 1e3 ? "k" : "");
    }
}
