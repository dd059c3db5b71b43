package org.charlstm.report;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.charlstm.report.RunData.Epoch;
import org.charlstm.train.Spread;

/** The page of one training run. */
final class RunReport {
    /** More rows or sentences than anybody reads. */
    private static final int MAX_ROWS = 200;
    private static final int MAX_SAMPLES = 12;

    /** More points than a chart has room for. */
    private static final int MAX_POINTS = 500;

    private final RunData data;
    private final List<Epoch> drawn;
    private final String name;

    RunReport(Path folder, RunData data) {
        this.data = data;
        drawn = Thinned.to(MAX_POINTS, data.epochs());
        name = folder.toAbsolutePath().normalize().getFileName().toString();
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private double median(ToDoubleFunction<Epoch> value) {
        return Spread.of(data.epochs().stream().map(value::applyAsDouble).toList()).median();
    }

    private static double bits(double loss) {
        return loss / Math.log(2);
    }

    /** A member of an object in the run's description as a word; empty if it is not there. */
    private String said(String object, String member) {
        return data.run().get(object) instanceof JsonObject json && json.has(member)
                && json.get(member).isJsonPrimitive() ? json.get(member).getAsString() : "";
    }

    private boolean validated() {
        return drawn.stream().anyMatch(epoch -> epoch.validation() != null);
    }

    private Series series(String series, int number, String format, ToDoubleFunction<Epoch> value) {
        return new Series(series, number, drawn.stream().map(epoch -> new Series.Point(epoch.number(),
                value.applyAsDouble(epoch), format("%s, epoch %d: " + format, series, epoch.number(),
                        value.applyAsDouble(epoch)))).toList());
    }

    /** The charts that there are figures for. */
    List<Chart> charts() {
        List<Chart> charts = new ArrayList<>();
        if (!data.epochs().isEmpty()) {
            Axis epochs = Axis.counting(data.epochs().getFirst().number(), data.epochs().getLast().number(), 6);
            List<Series> losses = new ArrayList<>();
            losses.add(series("training", 0, "%.4f", Epoch::loss));
            if (validated()) {
                losses.add(new Series("validation", 1, drawn.stream().filter(epoch -> epoch.validation() != null)
                        .map(epoch -> new Series.Point(epoch.number(), epoch.validation(), format(
                                "validation, epoch %d: %.4f", epoch.number(), epoch.validation()))).toList()));
            }
            charts.add(new LineChart("loss", "Loss and bits per character", "loss, nats", Axis.Scale.AROUND, epochs,
                    "epoch", losses, new LineChart.Second("bits per character", 1 / Math.log(2))));
            charts.add(new LineChart("seconds", "Seconds per epoch", "seconds", Axis.Scale.FROM_ZERO, epochs, "epoch",
                    List.of(series("seconds", 0, "%.3f", Epoch::seconds)), null));
            charts.add(new LineChart("speed", "Characters a second", "characters/s", Axis.Scale.FROM_ZERO, epochs,
                    "epoch", List.of(series("characters/s", 0, "%,.0f", Epoch::charsPerSecond)), null));
        }
        if (!data.step().isEmpty()) {
            charts.add(BarChart.ofStep("Where the time of a step goes", data.step()));
        }
        return charts;
    }

    private String lead() {
        String asked = said("options", "epochs");
        int done = data.epochs().size();
        String captions = said("text", "captions");
        String unit = said("text", "unit");
        return format("%d%s %s on %s %s from %s, on %s%s.", done,
                asked.equals(Integer.toString(done)) || asked.isEmpty() ? "" : " of " + asked,
                done == 1 && asked.equals("1") ? "epoch" : "epochs",
                captions.matches("\\d{1,18}") ? format("%,d", Long.parseLong(captions)) : captions,
                unit.isEmpty() ? "captions" : unit,
                said("text", "source"), said("device", "name"), data.run().has("started") ? ", started "
                        + data.run().get("started").getAsString().replace("T", " ").replace("Z", " UTC") : "");
    }

    private List<Page.Figure> figures() {
        List<Page.Figure> figures = new ArrayList<>();
        Epoch last = data.epochs().getLast();
        figures.add(new Page.Figure("Loss", format("%.4f", last.loss()), "nats"));
        figures.add(new Page.Figure("Bits per character", format("%.3f", bits(last.loss())), "bits"));
        if (last.validation() != null) {
            figures.add(new Page.Figure("Validation loss", format("%.4f", last.validation()), "nats"));
            figures.add(new Page.Figure("Validation bits", format("%.3f", bits(last.validation())), "bits"));
        }
        figures.add(new Page.Figure("Median epoch", Html.shortly(median(Epoch::seconds)), "s"));
        figures.add(new Page.Figure("Speed", Html.shortly(median(Epoch::charsPerSecond)), "characters/s"));
        return figures;
    }

    private String samples() {
        StringBuilder html = new StringBuilder("<ol class=\"samples\">\n");
        for (RunData.Sample sample : Thinned.to(MAX_SAMPLES, data.samples())) {
            html.append("<li><h3>Epoch ").append(sample.epoch()).append("</h3>\n");
            sample.sentences().forEach(sentence -> html.append("<p>").append(Html.escape(sentence)).append("</p>\n"));
            html.append("</li>\n");
        }
        return html.append("</ol>\n").toString();
    }

    private List<List<String>> rows() {
        return Thinned.to(MAX_ROWS, data.epochs()).stream().map(epoch -> {
            List<String> row = new ArrayList<>(List.of(Integer.toString(epoch.number()), format("%.4f", epoch.loss()),
                    format("%.3f", bits(epoch.loss()))));
            if (validated()) {
                row.add(epoch.validation() == null ? "" : format("%.4f", epoch.validation()));
                row.add(epoch.validation() == null ? "" : format("%.3f", bits(epoch.validation())));
            }
            row.addAll(List.of(format("%.3f", epoch.seconds()), format("%,.0f", epoch.charsPerSecond())));
            return row;
        }).toList();
    }

    /** The page. */
    String html() {
        Page page = new Page("Training run " + name, lead());
        List<Chart> charts = charts();
        if (!data.epochs().isEmpty()) {
            page.figures(figures());
        }
        if (!charts.isEmpty()) {
            page.heading("Training").charts(charts);
            page.note("Figures are means over every time step, padding included. The training loss is the mean of each "
                    + "batch's before its update, the validation loss that of the model after the epoch: early on, it "
                    + "may well be the lower one. The operations of a step are measured one by one after training"
                    + (said("device", "name").startsWith("cuda")
                            ? ", told to the GPU call by call: a recorded step may take less than their sum." : "."));
        }
        if (!data.samples().isEmpty()) {
            page.heading("Samples").raw(samples());
        }
        page.heading("Configuration and hardware").raw("<div class=\"facts\">\n");
        JsonObject run = data.run();
        page.raw(DefinitionList.list("Model", run.get("config")))
                .raw(DefinitionList.list("Options", run.get("options")))
                .raw(DefinitionList.list("Text", run.get("text"))).raw(DefinitionList.list("Device", run.get("device")))
                .raw(DefinitionList.list("Machine", run.get("machine"))).raw("</div>\n");
        if (!data.epochs().isEmpty()) {
            List<String> columns = new ArrayList<>(List.of("Epoch", "Loss", "Bits"));
            if (validated()) {
                columns.addAll(List.of("Val. loss", "Val. bits"));
            }
            columns.addAll(List.of("Seconds", "Characters/s"));
            page.raw("<details>\n<summary>Every figure</summary>\n").table(columns, rows()).raw("</details>\n");
        }
        return page.end("charlstm " + said("machine", "charlstm"));
    }
}
