package org.charlstm.report;

import com.google.errorprone.annotations.FormatMethod;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import module java.base;
import org.jspecify.annotations.Nullable;

/** Builds a self-contained page, whose policy forbids a browser to load or run anything. */
final class Page {
    private final StringBuilder html = new StringBuilder();

    Page(String title, String lead) {
        raw("""
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
                <title>%1$s</title>
                <style>
                %2$s</style>
                </head>
                <body>
                <header>
                <h1>%1$s</h1>
                <p>%3$s</p>
                </header>
                <main>
                """.formatted(escape(title), style(), escape(lead)));
    }

    private static String style() {
        try (InputStream in = Page.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Escapes any text. Line feeds and tabs become visible symbols, other control characters U+FFFD. */
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

    /** Adds HTML without escaping. */
    Page raw(String part) {
        html.append(part);
        return this;
    }

    Page heading(String text) {
        return raw("<h2>" + escape(text) + "</h2>\n");
    }

    Page note(String text) {
        return raw("<p class=\"note\">" + escape(text) + "</p>\n");
    }

    record Figure(String name, String value, String unit) {
    }

    Page figures(List<Figure> figures) {
        raw("<dl class=\"figures\">\n");
        figures.forEach(figure -> raw("<div><dt>" + escape(figure.name) + "</dt><dd>" + escape(figure.value)
                + "<small>" + escape(figure.unit) + "</small></dd></div>\n"));
        return raw("</dl>\n");
    }

    /** Adds charts, side by side if there is room. */
    Page charts(List<Chart> charts) {
        raw("<div class=\"charts\">\n");
        charts.forEach(chart -> raw("<figure>\n<figcaption>" + escape(chart.title()) + "</figcaption>\n"
                + SvgCanvas.draw(chart) + "</figure>\n"));
        return raw("</div>\n");
    }

    /** Adds sentences, which keep their line breaks. */
    Page samples(String title, List<String> sentences) {
        raw("<li><h3>" + escape(title) + "</h3>\n");
        sentences.forEach(sentence -> raw("<p>" + Stream.of(sentence.split("\n", -1)).map(Page::escape)
                .collect(Collectors.joining("\n")) + "</p>\n"));
        return raw("</li>\n");
    }

    /** Adds the members of a JSON object, such as settings or hardware; null and empty members are left out. */
    Page facts(String title, @Nullable JsonElement object) {
        String facts = !(object instanceof JsonObject members) ? "" : members.entrySet().stream()
                .map(member -> new Figure(Words.name(member.getKey()),
                        Words.value(member.getKey(), member.getValue()), ""))
                .filter(fact -> !fact.value.isEmpty())
                .map(fact -> "<div><dt>" + escape(fact.name) + "</dt><dd>" + escape(fact.value) + "</dd></div>\n")
                .collect(Collectors.joining());
        return facts.isEmpty() ? this
                : raw("<section><h3>" + escape(title) + "</h3>\n<dl>\n" + facts + "</dl></section>\n");
    }

    /** Adds the members of a text's description; the names say captions, or windows for running text. */
    Page text(@Nullable JsonElement text, boolean windows) {
        JsonObject listed = new JsonObject();
        if (text instanceof JsonObject all) {
            all.asMap().forEach((name, value) -> listed.add(windows ? name.replace("captions", "windows") : name,
                    value));
            listed.remove("unit");
        }
        return facts("Text", listed);
    }

    Page table(List<String> columns, List<List<String>> rows) {
        raw("<div class=\"wide\"><table class=\"numbers\">\n<thead>" + row("th", columns) + "</thead>\n<tbody>\n");
        rows.forEach(row -> raw(row("td", row)));
        return raw("</tbody></table></div>\n");
    }

    private static String row(String cell, List<String> values) {
        return values.stream().map(value -> "<" + cell + ">" + escape(value) + "</" + cell + ">")
                .collect(Collectors.joining("", "<tr>", "</tr>\n"));
    }

    String end(String footer) {
        return raw("</main>\n<footer><p>" + escape(footer) + "</p></footer>\n</body>\n</html>\n").html.toString();
    }

    /** Draws a chart as SVG into a page, whose style sheet defines the colours. */
    private static final class SvgCanvas implements Chart.Canvas {
        private final StringBuilder svg = new StringBuilder();

        static String draw(Chart chart) {
            SvgCanvas canvas = new SvgCanvas();
            canvas.add("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", Chart.WIDTH, chart.height(),
                    escape(chart.title()));
            chart.draw(canvas);
            return canvas.svg.append("</svg>\n").toString();
        }

        @FormatMethod
        private void add(String format, Object... values) {
            svg.append(Words.format(format, values));
        }

        @Override
        public void rule(double x1, double y1, double x2, double y2) {
            line(x1, y1, x2, y2, Chart.Ink.GRID, 0);
        }

        @Override
        public void path(double[] x, double[] y, Chart.Ink ink, int dash) {
            String dashes = DASHES.get(dash).stream().map(String::valueOf).collect(Collectors.joining(" "));
            add("<path class=\"%s\"%s d=\"", ink.style(),
                    dashes.isEmpty() ? "" : " stroke-dasharray=\"" + dashes + "\"");
            for (int i = 0; i < x.length; i++) {
                add("%s%.1f %.1f", i == 0 ? "M" : "L", x[i], y[i]);
            }
            add("\"/>\n");
        }

        @Override
        public void dot(double x, double y, Chart.Ink ink, String hint) {
            add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.8\"><title>%s</title></circle>\n", ink.style(), x,
                    y, escape(hint));
        }

        @Override
        public void bar(double x, double y, double width, double height, Chart.Ink ink, String hint) {
            add("<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\">", ink.style(), x, y,
                    width, height);
            add("<title>%s</title></rect>\n", escape(hint));
        }

        @Override
        public void text(double x, double y, Chart.Anchor anchor, Chart.Ink ink, String text) {
            add("<text class=\"%s %s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", ink.style(),
                    anchor.name().toLowerCase(Locale.ROOT), x, y, escape(text));
        }
    }
}
