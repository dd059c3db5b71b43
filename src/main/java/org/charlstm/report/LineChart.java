package org.charlstm.report;

import java.util.List;
import java.util.stream.Stream;
import org.charlstm.report.Canvas.Anchor;
import org.charlstm.report.Canvas.Ink;
import org.jspecify.annotations.Nullable;

/**
 * Lines over an axis, one for each series.
 *
 * @param series     at least one, with at least one point each
 * @param second     an axis on the right for the values in other units, or null
 * @param marks      at most two
 */
record LineChart(String name, String title, String unit, Axis.Scale scale, Axis across, String acrossUnit,
        List<Series> series, @Nullable Second second, List<Mark> marks) implements Chart {
    private static final int PLOT_HEIGHT = 178;
    private static final int BELOW = 36;
    private static final int LINE = 17;
    private static final int TICKS = 5;
    /** More points than this are too close for dots. */
    private static final int MAX_DOTS = 40;

    /**
     * A line.
     *
     * @param name   for the legend
     * @param number from 0; chooses colour and dashes
     * @param points in the order of x
     */
    record Series(String name, int number, List<Point> points) {
        /**
         * A point.
         *
         * @param hint the tooltip
         */
        record Point(double x, double y, String hint) {
        }

        double[] x() {
            return points.stream().mapToDouble(Point::x).toArray();
        }

        double[] y() {
            return points.stream().mapToDouble(Point::y).toArray();
        }

        Ink ink() {
            return Ink.series(number);
        }

        int dash() {
            return number % Canvas.DASHES.size();
        }
    }

    /**
     * Other units of the same values.
     *
     * @param factor how many of them one is
     */
    record Second(String unit, double factor) {
    }

    /**
     * A vertical line.
     *
     * @param name for the legend
     */
    record Mark(double at, String name) {
        /** By its number: others than those of training and validation. */
        static int dash(int number) {
            return (2 + number) % Canvas.DASHES.size();
        }
    }

    private boolean hasLegend() {
        return series.size() + marks.size() > 1;
    }

    private int above() {
        return LINE + 8 + (hasLegend() ? LINE * Math.ceilDiv(series.size() + marks.size(), entriesInLine()) : 0);
    }

    @Override
    public int height() {
        return above() + PLOT_HEIGHT + BELOW;
    }

    private double entryWidth() {
        return 40 + Stream.concat(series.stream().map(Series::name), marks.stream().map(Mark::name))
                .mapToDouble(Canvas::width).max().orElse(0);
    }

    private int entriesInLine() {
        return Math.max(1, (int) (WIDTH / entryWidth()));
    }

    private void legend(Canvas canvas) {
        for (int i = 0; i < series.size(); i++) {
            Series one = series.get(i);
            entry(canvas, i, one.name(), one.ink(), one.dash());
        }
        for (int i = 0; i < marks.size(); i++) {
            entry(canvas, series.size() + i, marks.get(i).name, Ink.MUTED, Mark.dash(i));
        }
    }

    private void entry(Canvas canvas, int index, String name, Ink ink, int dash) {
        double x = entryWidth() * (index % entriesInLine());
        double y = LINE * (1 + index / entriesInLine()) + 13;
        canvas.path(new double[] {x, x + 20}, new double[] {y - 4, y - 4}, ink, dash);
        canvas.text(x + 26, y, Anchor.START, Ink.TEXT, name);
    }

    private static double widest(Axis axis) {
        return axis.ticks().stream().mapToDouble(tick -> Canvas.width(tick.label())).max().orElse(0);
    }

    @Override
    public void draw(Canvas canvas) {
        double least = series.stream().flatMap(one -> one.points().stream()).mapToDouble(Series.Point::y).min()
                .orElseThrow();
        double greatest = series.stream().flatMap(one -> one.points().stream()).mapToDouble(Series.Point::y).max()
                .orElseThrow();
        Axis up = Axis.of(scale, least, greatest, TICKS);
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
        if (hasLegend()) {
            legend(canvas);
        }
        for (int i = 0; i < marks.size(); i++) {
            double x = left + width * across.position(marks.get(i).at);
            canvas.path(new double[] {x, x}, new double[] {bottom, top}, Ink.MUTED, Mark.dash(i));
        }
        for (Series one : series) {
            double[] x = one.x();
            double[] y = one.y();
            for (int i = 0; i < x.length; i++) {
                x[i] = left + width * across.position(x[i]);
                y[i] = bottom - PLOT_HEIGHT * up.position(y[i]);
            }
            canvas.path(x, y, one.ink(), one.dash());
            for (int i = 0; i < x.length && x.length <= MAX_DOTS; i++) {
                canvas.dot(x[i], y[i], one.ink(), one.points().get(i).hint());
            }
        }
    }
}
