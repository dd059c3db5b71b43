package org.charlstm.report;

import module java.base;
import org.charlstm.report.Chart.Ink;
import org.jspecify.annotations.Nullable;

/** Lines of at least one point over an axis, and at most two marks. The second axis shows other units. */
record LineChart(String name, String title, String unit, Axis.Scale scale, Axis across, String acrossUnit,
        List<Series> series, @Nullable Second second, List<Mark> marks) implements Chart {
    private static final int PLOT_HEIGHT = 178;
    private static final int BELOW = 36;
    private static final int LINE = 17;
    private static final int TICKS = 5;
    /** With more points than this, dots are too close together. */
    private static final int MAX_DOTS = 40;

    /** A line, with its points in ascending order of x. */
    record Series(String name, List<Point> points) {
    }

    record Point(double x, double y, String hint) {
    }

    record Second(String unit, double factor) {
    }

    record Mark(double at, String name) {
    }

    /** How a series or a mark is drawn, and its name in the legend. */
    private record Style(String name, Ink ink, int dash) {
    }

    /** The styles of the series, then of the marks. The marks' dashes differ from training's and validation's. */
    private List<Style> styles() {
        int count = series.size();
        int dashes = Canvas.DASHES.size();
        return IntStream.range(0, count + marks.size())
                .mapToObj(i -> i < count ? new Style(series.get(i).name, Ink.series(i), i % dashes)
                        : new Style(marks.get(i - count).name, Ink.MUTED, (2 + i - count) % dashes))
                .toList();
    }

    /** The styles in the legend; empty for a single line, because the title names it. */
    private List<Style> legend() {
        return series.size() + marks.size() > 1 ? styles() : List.of();
    }

    private double entryWidth() {
        return 40 + legend().stream().mapToDouble(entry -> Canvas.width(entry.name)).max().orElse(0);
    }

    private int entriesInLine() {
        return Math.max(1, (int) (WIDTH / entryWidth()));
    }

    private int above() {
        return LINE + 8 + LINE * Math.ceilDiv(legend().size(), entriesInLine());
    }

    @Override
    public int height() {
        return above() + PLOT_HEIGHT + BELOW;
    }

    private void drawLegend(Canvas canvas) {
        List<Style> entries = legend();
        for (int i = 0; i < entries.size(); i++) {
            double x = entryWidth() * (i % entriesInLine());
            double y = LINE * (1 + i / entriesInLine()) + 13;
            canvas.line(x, y - 4, x + 20, y - 4, entries.get(i).ink, entries.get(i).dash);
            canvas.text(x + 26, y, Anchor.START, Ink.TEXT, entries.get(i).name);
        }
    }

    private static double widest(Axis axis) {
        return axis.ticks().stream().mapToDouble(tick -> Canvas.width(tick.label())).max().orElse(0);
    }

    @Override
    public void draw(Canvas canvas) {
        DoubleSummaryStatistics values = series.stream().flatMap(one -> one.points().stream())
                .mapToDouble(Point::y).summaryStatistics();
        Axis up = Axis.of(scale, values.getMin(), values.getMax(), TICKS);
        Second others = second;
        Axis right = others == null ? null : up.scaled(others.factor(), TICKS);
        double left = widest(up) + 8;
        double width = WIDTH - left - (right == null ? 10 : widest(right) + 8);
        double top = above();
        double bottom = top + PLOT_HEIGHT;
        canvas.text(0, LINE - 5, Anchor.START, Ink.MUTED, unit);
        for (Axis.Tick tick : up.ticks()) {
            double y = bottom - PLOT_HEIGHT * up.position(tick.at());
            canvas.rule(left, y, left + width, y);
            canvas.text(left - 7, y + 4, Anchor.END, Ink.MUTED, tick.label());
        }
        if (others != null && right != null) {
            canvas.text(WIDTH, LINE - 5, Anchor.END, Ink.MUTED, others.unit());
            for (Axis.Tick tick : right.ticks()) {
                double y = bottom - PLOT_HEIGHT * right.position(tick.at());
                canvas.rule(left + width, y, left + width + 3, y);
                canvas.text(left + width + 7, y + 4, Anchor.START, Ink.MUTED, tick.label());
            }
        }
        for (Axis.Tick tick : across.ticks()) {
            double x = Math.min(left + width * across.position(tick.at()), WIDTH - Canvas.width(tick.label()) / 2);
            canvas.text(x, bottom + 16, Anchor.MIDDLE, Ink.MUTED, tick.label());
        }
        canvas.text(left + width / 2, bottom + 32, Anchor.MIDDLE, Ink.MUTED, acrossUnit);
        drawLegend(canvas);
        List<Style> styles = styles();
        for (int i = 0; i < marks.size(); i++) {
            double x = left + width * across.position(marks.get(i).at);
            Style style = styles.get(series.size() + i);
            canvas.line(x, bottom, x, top, style.ink, style.dash);
        }
        for (int i = 0; i < series.size(); i++) {
            List<Point> points = series.get(i).points;
            double[] x = points.stream().mapToDouble(point -> left + width * across.position(point.x)).toArray();
            double[] y = points.stream().mapToDouble(point -> bottom - PLOT_HEIGHT * up.position(point.y)).toArray();
            Style style = styles.get(i);
            canvas.path(x, y, style.ink, style.dash);
            for (int j = 0; j < x.length && x.length <= MAX_DOTS; j++) {
                canvas.dot(x[j], y[j], style.ink, points.get(j).hint);
            }
        }
    }
}
