package org.charlstm.report;

/** Text as HTML. */
final class Html {
    private Html() {
    }

    /** The text itself, whatever it holds; control characters as a replacement sign, for HTML has no place for them. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                default -> escaped.appendCodePoint(Character.isISOControl(c) || Character.getType(c)
                        == Character.SURROGATE ? '\uFFFD' : c);
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
}
