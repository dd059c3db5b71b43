package org.charlstm.report;

import com.google.errorprone.annotations.FormatMethod;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.Quantity;
import org.jspecify.annotations.Nullable;

/** The page of a grid of measurements: how long an epoch takes for each configuration. */
final class GridReport {
    static final String RESULTS = "results.json";

    /** Settings for the horizontal axis: the first that varies is chosen. */
    private static final List<String> ACROSS = List.of("batch_size", "hidden", "threads", "layers", "dense");

    private static final List<String> FIGURES = List.of("seconds", "min", "max", "characters/s", "GFLOP/s",
            "of ceiling", "host MiB", "device MiB", "loss");

    private final String name;
    private final JsonObject results;
    private final List<Row> rows;
    private final List<String> varying;

    /** A configuration and its measurements, null where there are none. */
    private record Row(Map<String, String> configuration, String status, String message, @Nullable JsonObject seconds,
            @Nullable JsonObject speed, JsonObject json) {
        static Row of(JsonObject json) {
            Map<String, String> configuration = new LinkedHashMap<>();
            json.getAsJsonObject("configuration").entrySet().forEach(member -> {
                String value = DefinitionList.words(member.getKey(), member.getValue());
                if (ACROSS.contains(member.getKey())) {
                    RunData.number(json.getAsJsonObject("configuration"), member.getKey());
                }
                configuration.put(member.getKey(), member.getKey().equals("threads") && value.equals("0") ? "" : value);
            });
            RunData.operations(json);
            return new Row(configuration, json.get("status").getAsString(),
                    json.get("message").isJsonNull() ? "" : json.get("message").getAsString(),
                    spread(json.get("seconds")), spread(json.get("characters_per_second")), json);
        }

        private static @Nullable JsonObject spread(JsonElement json) {
            if (json.isJsonNull()) {
                return null;
            }
            List.of("median", "min", "max").forEach(name -> RunData.positive(json.getAsJsonObject(), name));
            return json.getAsJsonObject();
        }

        private double seconds(String name) {
            return Objects.requireNonNull(seconds, "a row with figures").get(name).getAsDouble();
        }

        double rate() {
            return Objects.requireNonNull(speed, "a row with figures").get("median").getAsDouble();
        }

        /** A member as a number; empty if it is null or missing. */
        Optional<Double> number(String name) {
            return !json.has(name) || json.get(name).isJsonNull() ? Optional.empty()
                    : Optional.of(RunData.number(json, name));
        }

        /** Named by some of its settings. */
        String name(List<String> keys) {
            return keys.stream().filter(key -> !setting(key).isEmpty())
                    .map(key -> List.of("device", "precision").contains(key) ? setting(key)
                            : DefinitionList.name(key) + " " + setting(key))
                    .collect(Collectors.joining(", "));
        }

        private String setting(String key) {
            return Objects.requireNonNull(configuration.get(key), "all rows have the same settings");
        }

        String range() {
            return format("%s [%s, %s]", Html.shortly(seconds("median")), Html.shortly(seconds("min")),
                    Html.shortly(seconds("max")));
        }
    }

    GridReport(Path folder, JsonObject results) {
        this.results = results;
        name = folder.toAbsolutePath().normalize().getFileName().toString();
        rows = results.getAsJsonArray("rows").asList().stream().map(row -> Row.of(row.getAsJsonObject())).toList();
        varying = rows.stream().flatMap(row -> row.configuration.keySet().stream()).distinct()
                .filter(key -> rows.stream().map(row -> row.configuration.get(key)).distinct().count() > 1).toList();
    }

    @FormatMethod
    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private List<Row> measured() {
        return rows.stream().filter(row -> row.seconds != null && row.speed != null).toList();
    }

    List<Chart> charts() {
        List<Chart> charts = new ArrayList<>();
        List<Row> measured = measured();
        if (measured.isEmpty()) {
            return charts;
        }
        Optional<String> across = ACROSS.stream()
                .filter(key -> measured.stream().map(row -> row.configuration.get(key)).distinct().count() > 1)
                .findFirst();
        if (across.isPresent()) {
            charts.add(lines("seconds", "Seconds per epoch", "seconds, median", across.orElseThrow(), measured,
                    row -> row.seconds("median")));
            charts.add(lines("speed", "Characters a second", "characters/s, median", across.orElseThrow(), measured,
                    Row::rate));
        } else if (measured.size() > 1) {
            charts.add(new BarChart("seconds", "Seconds per epoch", measured.stream().map(row -> new BarChart.Bar(
                    row.name(varying), row.seconds("median"), row.range() + " s")).toList()));
            charts.add(new BarChart("speed", "Characters a second", measured.stream().map(row -> new BarChart.Bar(
                    row.name(varying), row.rate(), Html.shortly(row.rate()))).toList()));
        }
        Row fastest = fastest();
        Map<String, Double> operations = RunData.operations(fastest.json);
        if (!operations.isEmpty()) {
            charts.add(BarChart.ofStep("Where the time of a step goes", operations));
        }
        return charts;
    }

    private Row fastest() {
        return measured().stream().min(Comparator.comparingDouble(row -> row.seconds("median"))).orElseThrow();
    }

    /** A line for each combination of the other settings. */
    private LineChart lines(String name, String title, String unit, String across, List<Row> measured,
            ToDoubleFunction<Row> value) {
        List<String> values = measured.stream().map(row -> row.configuration.get(across)).distinct()
                .sorted(Comparator.comparingDouble(each -> Double.parseDouble(each.replace(",", "")))).toList();
        List<String> others = varying.stream().filter(key -> !key.equals(across)).toList();
        Map<String, List<LineChart.Series.Point>> points = new LinkedHashMap<>();
        measured.stream().sorted(Comparator.comparingInt(row -> values.indexOf(row.configuration.get(across))))
                .forEach(row -> points.computeIfAbsent(row.name(others), key -> new ArrayList<>())
                        .add(new LineChart.Series.Point(values.indexOf(row.configuration.get(across)),
                                value.applyAsDouble(row),
                                row.name(varying) + ": " + row.range() + " s, " + Html.shortly(row.rate())
                                        + " characters/s")));
        // In the order of the grid, which the sorting above has not kept.
        List<String> names = measured.stream().map(row -> row.name(others)).distinct().toList();
        return new LineChart(name, title, unit, Axis.Scale.WIDE, Axis.named(values), DefinitionList.name(across),
                names.stream()
                        .map(one -> new LineChart.Series(one, names.indexOf(one), points.getOrDefault(one, List.of())))
                        .toList(),
                null, List.of());
    }

    /** The table, without columns that say nothing. */
    private void table(Page page) {
        List<String> columns = Stream.concat(varying.stream().map(DefinitionList::name), FIGURES.stream()).toList();
        List<List<String>> cells = rows.stream().map(this::cells).toList();
        List<Integer> kept = IntStream.range(0, columns.size()).boxed()
                .filter(column -> cells.stream().anyMatch(row -> !row.get(column).isEmpty())).toList();
        page.table(kept.stream().map(columns::get).toList(),
                cells.stream().map(row -> kept.stream().map(row::get).toList()).toList());
    }

    private List<String> cells(Row row) {
        Stream<String> figures = row.seconds == null || row.speed == null
                ? Stream.concat(Stream.of(row.status.replace('-', ' ')), FIGURES.stream().skip(1).map(name -> ""))
                : Stream.of(format("%.3f", row.seconds("median")), format("%.3f", row.seconds("min")),
                        format("%.3f", row.seconds("max")), format("%,.0f", row.rate()),
                        row.number("flops_per_second").map(flops -> format("%,.1f", 1e-9 * flops)).orElse(""),
                        row.number("share_of_ceiling").map(share -> format("%.0f %%", 100 * share)).orElse(""),
                        row.number("peak_host_bytes").map(GridReport::mebibytes).orElse(""),
                        row.number("peak_device_bytes").map(GridReport::mebibytes).orElse(""),
                        row.number("loss").map(loss -> format("%.4f", loss)).orElse(""));
        return Stream.concat(varying.stream().map(row.configuration::get), figures).toList();
    }

    private static String mebibytes(double bytes) {
        return bytes == 0 ? "" : format("%,.0f", bytes / (1 << 20));
    }

    private List<Page.Figure> figures() {
        Row fastest = fastest();
        return List.of(new Page.Figure("Configurations", Integer.toString(rows.size()), ""),
                new Page.Figure("Shortest epoch", Html.shortly(fastest.seconds("median")), "s"),
                new Page.Figure("Its speed", Html.shortly(fastest.rate()), "characters/s"));
    }

    /** The page. */
    String html() {
        JsonObject text = results.get("text") instanceof JsonObject object ? object : new JsonObject();
        boolean windows = text.get("window") instanceof JsonPrimitive;
        Page page = new Page("Bench " + name, Stream.of(
                text.has("captions") ? DefinitionList.words("", text.get("captions"))
                        + " " + Quantity.unit(DefinitionList.words("", text.get("captions")).equals("1"),
                                windows ? "windows" : "captions")
                        + (text.has("source") ? " from " + DefinitionList.words("", text.get("source")) : "") : "",
                results.has("started") ? "started " + DefinitionList.words("", results.get("started")).replace("T", " ")
                        .replace("Z", " UTC") : "")
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", ")) + ".");
        if (!measured().isEmpty()) {
            page.figures(figures());
        }
        List<Chart> charts = charts();
        if (!charts.isEmpty()) {
            page.heading("Charts").charts(charts);
        }
        page.heading("Every configuration");
        table(page);
        rows.stream().filter(row -> !row.message.isEmpty())
                .forEach(row -> page.note((varying.isEmpty() ? "" : row.name(varying) + ": ") + row.message));
        page.note("Seconds are those of an epoch, the median, least and greatest over all that were measured; "
                + (windows ? "characters are the time steps of all windows."
                        : "characters are the time steps that the loss counts: all, padding included, but with the "
                                + "paddings mask and bucket those of captions and an end symbol each.")
                + (charts.isEmpty() || varying.isEmpty() ? ""
                        : " The step is that of the fastest: " + fastest().name(varying) + "."));
        page.heading("Settings and hardware").raw("<div class=\"facts\">\n");
        if (!rows.isEmpty()) {
            JsonObject same = rows.getFirst().json.getAsJsonObject("configuration").deepCopy();
            varying.forEach(same::remove);
            page.raw(DefinitionList.list("The same in every configuration", same));
        }
        page.raw(DefinitionList.list("Measurement", results.get("protocol"))).raw(DefinitionList.text(text, windows))
                .raw(DefinitionList.list("Machine", results.get("machine")));
        if (results.has("devices") && results.get("devices").isJsonArray()) {
            results.getAsJsonArray("devices").forEach(device -> page.raw(DefinitionList.list("Device", device)));
        }
        page.raw(DefinitionList.list("Program", results.get("charlstm"))).raw("</div>\n");
        return page.end("charlstm bench");
    }
}
