package org.charlstm.report;

import java.util.List;
import java.util.Map;

/**
 * Horizontal bars with their names and values.
 *
 * @param bars at least one
 */
record BarChart(String name, String title, List<Bar> bars) implements Chart {
    private static final int ROW = 24;
    private static final int THICK = 14;

    /**
     * A bar.
     *
     * @param words the value with its unit
     */
    record Bar(String name, double value, String words) {
    }

    /** The times of a step's operations, the longest first. */
    static BarChart ofStep(Map<String, Double> seconds) {
        double all = seconds.values().stream().mapToDouble(Double::doubleValue).sum();
        return new BarChart("step", "Where the time of a step goes", seconds.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .map(entry -> {
                    double percent = 100 * entry.getValue() / all;
                    return new Bar(entry.getKey(), entry.getValue(), Words.format("%.3g ms, %s %%",
                            1e3 * entry.getValue(), percent < 0.5 ? "<1" : Math.round(percent)));
                }).toList());
    }

    @Override
    public int height() {
        return ROW * bars.size() + 4;
    }

    @Override
    public void draw(Canvas canvas) {
        double left = bars.stream().mapToDouble(bar -> Canvas.width(bar.name())).max().orElse(0) + 8;
        double right = bars.stream().mapToDouble(bar -> Canvas.width(bar.words())).max().orElse(0) + 8;
        double greatest = bars.stream().mapToDouble(Bar::value).max().orElse(0);
        double scale = greatest > 0 ? (WIDTH - left - right) / greatest : 0;
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double y = ROW * i + 4;
            double width = Math.max(1, bar.value() * scale);
            canvas.text(left - 8, y + 11, Anchor.END, Ink.TEXT, bar.name());
            canvas.bar(left, y, width, THICK, Ink.S1, bar.name() + ": " + bar.words());
            canvas.text(left + width + 6, y + 11, Anchor.START, Ink.MUTED, bar.words());
        }
    }
}
