package org.charlstm.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Builds a page that stands alone: its policy lets a browser load and run nothing. */
final class Page {
    private static final String STYLE = "report.css";

    private final StringBuilder html = new StringBuilder();

    Page(String title, String lead) {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta name=\"color-scheme\" content=\"light dark\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
                .append("style-src 'unsafe-inline'\">\n<title>").append(Html.escape(title))
                .append("</title>\n<style>\n").append(style()).append("</style>\n</head>\n<body>\n<header>\n<h1>")
                .append(Html.escape(title))
                .append("</h1>\n<p>").append(Html.escape(lead)).append("</p>\n</header>\n<main>\n");
    }

    private static String style() {
        try (InputStream in = Page.class.getResourceAsStream(STYLE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds HTML without escaping. */
    Page raw(String part) {
        html.append(part);
        return this;
    }

    Page heading(String text) {
        return raw("<h2>" + Html.escape(text) + "</h2>\n");
    }

    Page note(String text) {
        return raw("<p class=\"note\">" + Html.escape(text) + "</p>\n");
    }

    record Figure(String name, String value, String unit) {
    }

    /** The summary. */
    Page figures(List<Figure> figures) {
        raw("<dl class=\"figures\">\n");
        figures.forEach(figure -> raw("<div><dt>" + Html.escape(figure.name) + "</dt><dd>" + Html.escape(figure.value)
                + "<small>" + Html.escape(figure.unit) + "</small></dd></div>\n"));
        return raw("</dl>\n");
    }

    /** Charts side by side where there is room. */
    Page charts(List<Chart> charts) {
        raw("<div class=\"charts\">\n");
        charts.forEach(chart -> raw("<figure>\n<figcaption>" + Html.escape(chart.title()) + "</figcaption>\n"
                + SvgCanvas.draw(chart) + "</figure>\n"));
        return raw("</div>\n");
    }

    Page table(List<String> columns, List<List<String>> rows) {
        raw("<div class=\"wide\"><table class=\"numbers\">\n<thead>" + Html.row("th", columns.toArray())
                + "</thead>\n<tbody>\n");
        rows.forEach(row -> raw(Html.row("td", row.toArray())));
        return raw("</tbody></table></div>\n");
    }

    /** The whole page. */
    String end(String footer) {
        return raw("</main>\n<footer><p>" + Html.escape(footer) + "</p></footer>\n</body>\n</html>\n").html.toString();
    }
}
