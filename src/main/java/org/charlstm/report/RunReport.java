package org.charlstm.report;

import com.google.errorprone.annotations.FormatMethod;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.Quantity;
import org.charlstm.report.RunData.Best;
import org.charlstm.run.RunFolder;
import org.charlstm.train.Figures;
import org.charlstm.train.Spread;

/** The page of one training run. */
final class RunReport {
    private static final int MAX_ROWS = 200;
    private static final int MAX_SAMPLES = 12;

    private static final int MAX_POINTS = 500;

    private final RunData data;
    private final List<Figures> drawn;
    private final List<String> names;
    private final String name;

    RunReport(Path folder, RunData data) {
        this.data = data;
        drawn = thinned(MAX_POINTS, data.epochs());
        // In the order of an epoch that has the most: not all epochs have all figures.
        names = drawn.stream().sorted(Comparator.comparingInt(epoch -> -epoch.values().size()))
                .flatMap(epoch -> epoch.values().keySet().stream()).distinct()
                .filter(figure -> isPadded() || !Figures.isRealLoss(figure)).toList();
        name = folder.toAbsolutePath().normalize().getFileName().toString();
    }

    @FormatMethod
    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private boolean isRunningText() {
        return member("text", "unit").equals("windows");
    }

    private boolean learnsPadding() {
        return !isRunningText() && !List.of("mask", "bucket").contains(member("options", "padding"));
    }

    /** A member of an object in the run's description; empty if it is missing. */
    private String member(String object, String member) {
        return data.run().get(object) instanceof JsonObject json && json.has(member)
                && json.get(member).isJsonPrimitive() ? json.get(member).getAsString() : "";
    }

    /** At most so many, evenly spread, with the first and the last. */
    private static <T> List<T> thinned(int most, List<T> all) {
        return all.size() <= most ? all : IntStream.range(0, most)
                .mapToObj(i -> all.get((int) ((long) i * (all.size() - 1) / (most - 1)))).toList();
    }

    /** The median over the epochs without the first, which warms up, unless it is the only one. */
    private double median(String figure) {
        List<Double> all = data.epochs().stream().map(epoch -> epoch.values().get(figure)).filter(Objects::nonNull)
                .toList();
        return Spread.of(all.subList(all.size() == 1 ? 0 : 1, all.size())).median();
    }

    private LineChart.Series series(String figure, int number) {
        FigureStyle style = FigureStyle.of(figure);
        return new LineChart.Series(style.series(), number, drawn.stream()
                .filter(epoch -> epoch.values().containsKey(figure))
                .map(epoch -> new LineChart.Series.Point(epoch.epoch(), epoch.get(figure),
                        format("%s, epoch %d: %s", style.series(), epoch.epoch(), style.text(epoch.get(figure)))))
                .toList());
    }

    List<Chart> charts() {
        List<Chart> charts = new ArrayList<>();
        if (!data.epochs().isEmpty()) {
            Axis epochs = Axis.counting(data.epochs().getFirst().epoch(), data.epochs().getLast().epoch(), 6);
            addLosses(charts, epochs, Figures::isLoss);
            addLosses(charts, epochs, Figures::isRealLoss);
            names.stream().filter(figure -> !Figures.isLoss(figure) && !Figures.isRealLoss(figure)
                    && !FigureStyle.isBits(figure)).forEach(figure -> {
                        FigureStyle style = FigureStyle.of(figure);
                        charts.add(new LineChart(style.chart(), style.title(), style.series(), style.ofTime()
                                ? Axis.Scale.FROM_ZERO : Axis.Scale.AROUND, epochs, "epoch", List.of(series(figure, 0)),
                                null, List.of()));
                    });
        }
        if (!data.step().isEmpty()) {
            charts.add(BarChart.ofStep("Where the time of a step goes", data.step()));
        }
        return charts;
    }

    private void addLosses(List<Chart> charts, Axis epochs, Predicate<String> which) {
        List<String> losses = names.stream().filter(which).toList();
        if (!losses.isEmpty()) {
            FigureStyle style = FigureStyle.of(losses.getFirst());
            String title = which.test(Figures.LOSS) && learnsPadding() ? "Loss a time step, padding included"
                    : style.title();
            charts.add(new LineChart(style.chart(), title, "loss, nats", Axis.Scale.AROUND, epochs, "epoch",
                    IntStream.range(0, losses.size()).mapToObj(i -> series(losses.get(i), i)).toList(),
                    new LineChart.Second("loss, bits", 1 / Math.log(2)), marks()));
        }
    }

    /** Whether losses without padding differ from those with it. */
    private boolean isPadded() {
        return data.epochs().stream().map(Figures::values).anyMatch(figures -> figures.containsKey(Figures.REAL_LOSS)
                && !Objects.equals(figures.get(Figures.REAL_LOSS), figures.get(Figures.LOSS)));
    }

    private String lead() {
        String asked = member("options", "epochs");
        int done = data.epochs().size();
        String captions = member("text", "captions");
        String unit = member("text", "unit");
        return format("%d%s %s on %s %s from %s, on %s%s%s.", done,
                asked.equals(Integer.toString(done)) || asked.isEmpty() ? "" : " of " + asked,
                Quantity.unit(done == 1 && (asked.equals("1") || asked.isEmpty()), "epochs"),
                captions.matches("\\d{1,18}") ? format("%,d", Long.parseLong(captions)) : captions,
                Quantity.unit(captions.equals("1"), unit.isEmpty() ? "captions" : unit),
                member("text", "source"), member("device", "name"), data.run().has("started") ? ", started "
                        + data.run().get("started").getAsString().replace("T", " ").replace("Z", " UTC") : "",
                stoppedEarly() ? ", stopped early" : "");
    }

    private String monitor() {
        return data.run().get("monitor") instanceof JsonPrimitive word ? word.getAsString() : Figures.VAL_LOSS;
    }

    /**
     * The best epoch: that of the description, or a better one since, as the description of a run under way is older.
     * Of equal epochs the first.
     */
    private Optional<Best> best() {
        Best best = data.best().orElse(null);
        for (Figures epoch : data.epochs()) {
            Double loss = epoch.values().get(monitor());
            if (loss != null && (best == null || (epoch.epoch() > best.epoch() && loss < best.loss()))) {
                best = new Best(epoch.epoch(), loss, true);
            }
        }
        return Optional.ofNullable(best);
    }

    private boolean stoppedEarly() {
        return data.run().get("end") instanceof JsonPrimitive word && word.getAsString().equals("early");
    }

    /** The best epoch, and the end by early stopping. */
    private List<LineChart.Mark> marks() {
        List<LineChart.Mark> marks = new ArrayList<>();
        best().ifPresent(best -> marks.add(new LineChart.Mark(best.epoch(), "best, epoch " + best.epoch())));
        if (stoppedEarly()) {
            int last = data.epochs().getLast().epoch();
            marks.add(new LineChart.Mark(last, "stopped early, epoch " + last));
        }
        return marks;
    }

    private List<Page.Figure> figures() {
        List<Page.Figure> figures = new ArrayList<>();
        for (String figure : names) {
            FigureStyle style = FigureStyle.of(figure);
            Double last = data.epochs().getLast().values().get(figure);
            if (style.ofTime()) {
                figures.add(new Page.Figure(style.key(), Html.shortly(median(figure)), style.unit()));
            } else if (last != null) {
                figures.add(new Page.Figure(style.key(), style.text(last), style.unit()));
                if (figure.equals(monitor())) {
                    best().ifPresent(best -> figures.add(new Page.Figure(
                            figure.equals(Figures.VAL_LOSS) ? "Best validation loss" : "Best loss",
                            style.text(best.loss()), "in epoch " + best.epoch() + ", "
                                    + (best.kept() ? RunFolder.BEST : "its model is not kept"))));
                }
            }
        }
        figures.addAll(tested());
        return figures;
    }

    private List<Page.Figure> tested() {
        return !(data.run().get("test") instanceof JsonObject test) ? List.of()
                : Stream.of(Figures.TEST_LOSS, Figures.TEST_REAL_LOSS, Figures.TEST_BITS).filter(test::has)
                        .filter(figure -> isPadded() || !Figures.isRealLoss(figure))
                        .map(figure -> {
                            FigureStyle style = FigureStyle.of(figure);
                            return new Page.Figure(style.key(), style.text(RunData.number(test, figure)),
                                    style.unit() + ", epoch " + member("test", "epoch"));
                        }).toList();
    }

    private String samples() {
        StringBuilder html = new StringBuilder("<ol class=\"samples\">\n");
        for (RunData.Sample sample : thinned(MAX_SAMPLES, data.samples())) {
            html.append("<li><h3>Epoch ").append(sample.epoch()).append("</h3>\n");
            sample.sentences().forEach(sentence -> html.append("<p>").append(Html.lines(sentence)).append("</p>\n"));
            html.append("</li>\n");
        }
        return html.append("</ol>\n").toString();
    }

    private List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("Epoch"));
        for (String figure : names) {
            columns.add(FigureStyle.of(figure).column());
        }
        return columns;
    }

    private List<String> row(Figures epoch) {
        List<String> row = new ArrayList<>(List.of(Integer.toString(epoch.epoch())));
        for (String figure : names) {
            Double value = epoch.values().get(figure);
            row.add(value == null ? "" : FigureStyle.of(figure).text(value));
        }
        return row;
    }

    /** A note on how the figures were measured. */
    private String notes() {
        return (learnsPadding() ? "Losses are means over every time step, padding included"
                + (isPadded() ? "; real losses and bits per character leave padding out." : ".")
                : isRunningText() ? "Losses are means over every character that is predicted."
                : "Losses are means over characters alone; padding is left out.")
                + " The training loss is the mean of each batch's before its update"
                + (names.contains(Figures.VAL_LOSS) ? ", the validation loss is of the model after the epoch: early "
                        + "on, it may well be the lower one." : ".")
                + (data.step().isEmpty() ? "" : " The operations of a step are measured one by one after training"
                        + (member("device", "name").startsWith("cuda")
                                ? ", launched one by one: a recorded step may take less than their sum."
                                : "."));
    }

    String html() {
        Page page = new Page("Training run " + name, lead());
        List<Chart> charts = charts();
        if (!data.epochs().isEmpty()) {
            page.figures(figures());
        }
        if (!charts.isEmpty()) {
            page.heading("Training").charts(charts);
            page.note(notes());
        }
        if (!data.samples().isEmpty()) {
            page.heading("Samples").raw(samples());
        }
        page.heading("Configuration and hardware").raw("<div class=\"facts\">\n");
        JsonObject run = data.run();
        page.raw(DefinitionList.list("Model", run.get("config")))
                .raw(DefinitionList.list("Options", run.get("options")))
                .raw(DefinitionList.text(run.get("text"), isRunningText()))
                .raw(DefinitionList.list("Device", run.get("device")))
                .raw(DefinitionList.list("Machine", run.get("machine"))).raw("</div>\n");
        if (!data.epochs().isEmpty()) {
            page.raw("<details>\n<summary>Every figure</summary>\n").table(columns(),
                    thinned(MAX_ROWS, data.epochs()).stream().map(this::row).toList()).raw("</details>\n");
        }
        return page.end("charlstm " + member("machine", "charlstm"));
    }
}
