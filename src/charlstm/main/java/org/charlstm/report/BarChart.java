package org.charlstm.report;

import module java.base;
import org.charlstm.report.Chart.Ink;

/** At least one horizontal bar, each below its name and value; the longest is as wide as the chart. */
record BarChart(String name, String title, List<Bar> bars) implements Chart {
    private static final int LINE = 14;
    private static final int THICK = 10;
    private static final int GAP = 10;
    private static final int BETWEEN = 12;

    /** A bar. Its name may continue on another line after a comma. */
    record Bar(String name, double value, String words) {
        /** The lines of the name, which must fit beside the widest value. */
        private List<String> lines(double room) {
            List<String> lines = new ArrayList<>();
            String line = "";
            for (String part : name.split("(?<=,) ", -1)) {
                String longer = line.isEmpty() ? part : line + " " + part;
                if (!line.isEmpty() && Canvas.width(longer) > room) {
                    lines.add(line);
                    line = part;
                } else {
                    line = longer;
                }
            }
            lines.add(line);
            return lines;
        }
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

    private double room() {
        return WIDTH - BETWEEN - bars.stream().mapToDouble(bar -> Canvas.width(bar.words())).max().orElse(0);
    }

    @Override
    public int height() {
        return bars.stream().mapToInt(bar -> LINE * bar.lines(room()).size() + THICK + GAP).sum();
    }

    @Override
    public void draw(Canvas canvas) {
        double greatest = bars.stream().mapToDouble(Bar::value).max().orElse(0);
        double scale = greatest > 0 ? WIDTH / greatest : 0;
        double y = 0;
        for (Bar bar : bars) {
            canvas.text(WIDTH, y + 11, Anchor.END, Ink.MUTED, bar.words());
            for (String line : bar.lines(room())) {
                canvas.text(0, y + 11, Anchor.START, Ink.TEXT, line);
                y += LINE;
            }
            canvas.bar(0, y + 1, Math.max(1, bar.value() * scale), THICK, Ink.S1, bar.name() + ": " + bar.words());
            y += THICK + GAP;
        }
    }
}
