package org.charlstm.report;

import com.google.errorprone.annotations.FormatMethod;
import java.util.Locale;
import java.util.stream.Collectors;

/** Draws a chart as SVG in a page, whose style sheet has the colours. */
final class SvgCanvas implements Canvas {
    private final StringBuilder svg = new StringBuilder();

    private SvgCanvas() {
    }

    /** The chart as an element of a page. */
    static String draw(Chart chart) {
        SvgCanvas canvas = new SvgCanvas();
        canvas.add("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", Chart.WIDTH, chart.height(),
                Page.escape(chart.title()));
        chart.draw(canvas);
        return canvas.svg.append("</svg>\n").toString();
    }

    @FormatMethod
    private void add(String format, Object... values) {
        svg.append(Words.format(format, values));
    }

    @Override
    public void rule(double x1, double y1, double x2, double y2) {
        line(x1, y1, x2, y2, Ink.GRID, 0);
    }

    @Override
    public void path(double[] x, double[] y, Ink ink, int dash) {
        String dashes = DASHES.get(dash).stream().map(String::valueOf).collect(Collectors.joining(" "));
        add("<path class=\"%s\"%s d=\"", ink.style(),
                dashes.isEmpty() ? "" : " stroke-dasharray=\"" + dashes + "\"");
        for (int i = 0; i < x.length; i++) {
            add("%s%.1f %.1f", i == 0 ? "M" : "L", x[i], y[i]);
        }
        add("\"/>\n");
    }

    @Override
    public void dot(double x, double y, Ink ink, String hint) {
        add("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.8\"><title>%s</title></circle>\n", ink.style(), x, y,
                Page.escape(hint));
    }

    @Override
    public void bar(double x, double y, double width, double height, Ink ink, String hint) {
        add("<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\">", ink.style(), x, y,
                width, height);
        add("<title>%s</title></rect>\n", Page.escape(hint));
    }

    @Override
    public void text(double x, double y, Anchor anchor, Ink ink, String text) {
        add("<text class=\"%s %s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", ink.style(),
                anchor.name().toLowerCase(Locale.ROOT), x, y, Page.escape(text));
    }
}
