package org.charlstm.report;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.base.Spread;
import org.charlstm.report.RunData.Best;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunJson;
import org.charlstm.train.Figures;

/** The page of one training run. */
final class RunReport {
    private static final int MAX_ROWS = 200;
    private static final int MAX_SAMPLES = 12;
    private static final int MAX_POINTS = 500;

    private final RunData data;
    private final List<Figures> drawn;
    private final List<String> names;
    private final String name;
    final List<Chart> charts;

    RunReport(Path folder, RunData data) {
        this.data = data;
        drawn = thinned(MAX_POINTS, data.epochs());
        names = RunData.names(drawn).stream().filter(figure -> isPadded() || !Figures.isRealLoss(figure)).toList();
        name = folder.toAbsolutePath().normalize().getFileName().toString();
        charts = makeCharts();
    }

    private boolean isRunningText() {
        return word("text", "unit").equals("windows");
    }

    private boolean learnsPadding() {
        return !isRunningText() && !List.of("mask", "bucket").contains(word("options", "padding"));
    }

    private boolean stoppedEarly() {
        return word("end").equals("early");
    }

    /** A word of the run's description; empty if the description lacks it. */
    private String word(String... path) {
        return RunJson.word(data.run(), path).orElse("");
    }

    /** At most {@code most} elements, evenly spread, including the first and the last. */
    private static <T> List<T> thinned(int most, List<T> all) {
        return all.size() <= most ? all : IntStream.range(0, most)
                .mapToObj(i -> all.get((int) ((long) i * (all.size() - 1) / (most - 1)))).toList();
    }

    /** The median over all epochs except the first, which warms up; if there is only one epoch, it is used. */
    private double median(String figure) {
        List<Double> all = data.epochs().stream().map(epoch -> epoch.values().get(figure)).filter(Objects::nonNull)
                .toList();
        return Spread.of(all.subList(all.size() == 1 ? 0 : 1, all.size())).median();
    }

    private LineChart.Series series(String figure) {
        FigureStyle style = FigureStyle.of(figure);
        return new LineChart.Series(style.series(), drawn.stream()
                .filter(epoch -> epoch.values().containsKey(figure))
                .map(epoch -> new LineChart.Point(epoch.epoch(), epoch.get(figure),
                        Words.format("%s, epoch %d: %s", style.series(), epoch.epoch(), style.text(epoch.get(figure)))))
                .toList());
    }

    private List<Chart> makeCharts() {
        List<Chart> made = new ArrayList<>();
        if (!data.epochs().isEmpty()) {
            Axis epochs = Axis.counting(data.epochs().getFirst().epoch(), data.epochs().getLast().epoch(), 6);
            Stream.of(losses(epochs, Figures::isLoss), losses(epochs, Figures::isRealLoss)).flatMap(Optional::stream)
                    .forEach(made::add);
            names.stream().filter(figure -> !Figures.isLoss(figure) && !Figures.isRealLoss(figure)
                    && !FigureStyle.isBits(figure)).forEach(figure -> {
                        FigureStyle style = FigureStyle.of(figure);
                        made.add(new LineChart(style.chart(), style.title(), style.series(), style.ofTime()
                                ? Axis.Scale.FROM_ZERO : Axis.Scale.AROUND, epochs, "epoch", List.of(series(figure)),
                                null, List.of()));
                    });
        }
        if (!data.step().isEmpty()) {
            made.add(BarChart.ofStep(data.step()));
        }
        return made;
    }

    private Optional<Chart> losses(Axis epochs, Predicate<String> which) {
        List<String> losses = names.stream().filter(which).toList();
        return losses.stream().findFirst().map(FigureStyle::of).map(style -> new LineChart(style.chart(),
                which.test(Figures.LOSS) && learnsPadding() ? "Loss a time step, padding included" : style.title(),
                "loss, nats", Axis.Scale.AROUND, epochs, "epoch", losses.stream().map(this::series).toList(),
                new LineChart.Second("loss, bits", 1 / Math.log(2)), marks()));
    }

    /** Whether the losses without padding differ from the losses with padding. */
    private boolean isPadded() {
        return data.epochs().stream().map(Figures::values).anyMatch(figures -> figures.containsKey(Figures.REAL_LOSS)
                && !Objects.equals(figures.get(Figures.REAL_LOSS), figures.get(Figures.LOSS)));
    }

    private String lead() {
        String asked = word("options", "epochs");
        int done = data.epochs().size();
        String captions = word("text", "captions");
        String unit = word("text", "unit");
        String started = word("started");
        return Words.format("%d%s %s on %s %s from %s, on %s%s%s.", done,
                asked.equals(Integer.toString(done)) || asked.isEmpty() ? "" : " of " + asked,
                Quantity.unit(done == 1 && (asked.equals("1") || asked.isEmpty()), "epochs"),
                captions.matches("\\d{1,18}") ? Words.format("%,d", Long.parseLong(captions)) : captions,
                Quantity.unit(captions.equals("1"), unit.isEmpty() ? "captions" : unit),
                word("text", "source"), word("device", "name"),
                started.isEmpty() ? "" : ", started " + Words.time(started), stoppedEarly() ? ", stopped early" : "");
    }

    private String monitor() {
        return RunJson.word(data.run(), "monitor").orElse(Figures.VAL_LOSS);
    }

    /** The first of the best epochs. While the run is under way, this may be a better epoch than the description's. */
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

    /** The marks of the best epoch and of the end by early stopping. */
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
                figures.add(new Page.Figure(style.key(), Words.shortly(median(figure)), style.unit()));
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
        if (data.run().get("test") instanceof JsonObject test) {
            Stream.of(Figures.TEST_LOSS, Figures.TEST_REAL_LOSS, Figures.TEST_BITS).filter(test::has)
                    .filter(figure -> isPadded() || !Figures.isRealLoss(figure)).forEach(figure -> {
                        FigureStyle style = FigureStyle.of(figure);
                        figures.add(new Page.Figure(style.key(), style.text(RunData.number(test, figure)),
                                style.unit() + ", epoch " + word("test", "epoch")));
                    });
        }
        return figures;
    }

    private List<String> row(Figures epoch) {
        return Stream.concat(Stream.of(Integer.toString(epoch.epoch())), names.stream().map(figure -> {
            Double value = epoch.values().get(figure);
            return value == null ? "" : FigureStyle.of(figure).text(value);
        })).toList();
    }

    private String notes() {
        return (learnsPadding() ? "Losses are means over every time step, padding included"
                + (isPadded() ? "; real losses and bits per character leave padding out." : ".")
                : isRunningText() ? "Losses are means over every character that is predicted."
                : "Losses are means over characters alone; padding is left out.")
                + " The training loss is the mean of each batch's before its update"
                + (names.contains(Figures.VAL_LOSS) ? ", the validation loss is of the model after the epoch: early "
                        + "on, it may well be the lower one." : ".")
                + (data.step().isEmpty() ? "" : " The operations of a step are measured one by one after training"
                        + (word("device", "name").startsWith("cuda")
                                ? ", launched one by one: a recorded step may take less than their sum."
                                : "."));
    }

    String html() {
        Page page = new Page("Training run " + name, lead());
        if (!data.epochs().isEmpty()) {
            page.figures(figures());
        }
        if (!charts.isEmpty()) {
            page.heading("Training").charts(charts);
            page.note(notes());
        }
        if (!data.samples().isEmpty()) {
            page.heading("Samples").raw("<ol class=\"samples\">\n");
            thinned(MAX_SAMPLES, data.samples())
                    .forEach(sample -> page.samples("Epoch " + sample.epoch(), sample.sentences()));
            page.raw("</ol>\n");
        }
        page.heading("Configuration and hardware").raw("<div class=\"facts\">\n");
        JsonObject run = data.run();
        page.facts("Model", LayerWords.of(run.get("config"))).facts("Options", run.get("options"))
                .text(run.get("text"), isRunningText()).facts("Device", run.get("device"))
                .facts("Machine", run.get("machine")).raw("</div>\n");
        if (!data.epochs().isEmpty()) {
            page.raw("<details>\n<summary>Every figure</summary>\n").table(
                    Stream.concat(Stream.of("Epoch"), names.stream().map(figure -> FigureStyle.of(figure).column()))
                            .toList(),
                    thinned(MAX_ROWS, data.epochs()).stream().map(this::row).toList()).raw("</details>\n");
        }
        return page.end("charlstm " + word("machine", "charlstm"));
    }
}
