package org.charlstm.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Text as HTML. */
final class Html {
    private Html() {
    }

    /**
     * Escapes any text. Line feeds and tabs, which HTML takes for spaces, become visible signs; other control
     * characters become replacement signs.
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

    /** The same with line breaks left as they are. */
    static String lines(String text) {
        return Stream.of(text.split("\n", -1)).map(Html::escape).collect(Collectors.joining("\n"));
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

    /** A number in about four digits: 0.00399, but 6.2e-9 where there are many zeros. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 1000 && size < 1e15) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        if (value == 0 || (size >= 1e-4 && size < 1e15)) {
            return new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
        }
        return String.format(Locale.ROOT, "%.1e", value).replaceFirst("(\\.0)?e([-+])0*", "e$2").replace("e+", "e");
    }

    /** Three digits; k for thousands, M for millions. */
    static String shortly(double value) {
        double unit = value >= 999_500 ? 1e6 : value >= 999.5 ? 1e3 : 1;
        double number = value / unit;
        return String.format(Locale.ROOT, number < 9.995 ? "%.2f%s" : number < 99.95 ? "%.1f%s" : "%.0f%s", number,
                unit == 1e6 ? "M" : unit == 1e3 ? "k" : "");
    }
}
