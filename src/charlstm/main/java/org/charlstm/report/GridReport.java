package org.charlstm.report;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.base.Quantity;

/** The page of a grid of measurements: the time of an epoch for each configuration. */
final class GridReport {
    static final String RESULTS = "results.json";
    /** Settings for the horizontal axis; the first that varies and that all rows have is chosen. */
    private static final List<String> ACROSS = List.of("batch_size", "hidden", "threads", "layers", "dense");
    /** Settings whose values are clear without the setting's name. */
    private static final List<String> UNNAMED = List.of("device", "precision", "cell", "optimizer");
    private static final List<String> FIGURES = List.of("seconds", "min", "max", "characters/s", "GFLOP/s",
            "of ceiling", "host MiB", "device MiB", "loss");

    /** A figure that has a chart; {@code words} gives the text beside a bar. */
    private record Measure(String name, String title, String unit, ToDoubleFunction<Row> value,
            Function<Row, String> words) {
    }

    private static final List<Measure> MEASURES = List.of(
            new Measure("seconds", "Seconds per epoch", "seconds, median", row -> row.seconds("median"),
                    row -> row.range() + " s"),
            new Measure("speed", "Characters a second", "characters/s, median", Row::rate,
                    row -> Words.shortly(row.rate())));

    private final String name;
    private final JsonObject results;
    private final List<Row> rows;
    private final List<Row> measured;
    /** The settings in which rows differ. */
    private final List<String> varying;
    /** The varying settings that tell rows apart, without gates if the cell determines them. */
    private final List<String> telling;
    final List<Chart> charts;

    /** A configuration, its status, whether it was measured, and all members of its results. */
    private record Row(Map<String, String> configuration, String status, String message, boolean measured,
            JsonObject json) {
        static Row of(JsonObject json) {
            JsonObject settings = json.getAsJsonObject("configuration");
            Map<String, String> configuration = new LinkedHashMap<>();
            settings.entrySet().forEach(member -> {
                String value = Words.value(member.getKey(), member.getValue());
                if (ACROSS.contains(member.getKey())) {
                    RunData.number(settings, member.getKey());
                }
                configuration.put(member.getKey(), member.getKey().equals("threads") && value.equals("0") ? "" : value);
            });
            RunData.operations(json);
            boolean hasSeconds = hasSpread(json, "seconds");
            boolean hasSpeed = hasSpread(json, "characters_per_second");
            return new Row(configuration, json.get("status").getAsString(),
                    json.get("message").isJsonNull() ? "" : json.get("message").getAsString(),
                    hasSeconds && hasSpeed, json);
        }

        private static boolean hasSpread(JsonObject json, String name) {
            if (json.get(name).isJsonNull()) {
                return false;
            }
            List.of("median", "min", "max").forEach(each -> RunData.positive(json.getAsJsonObject(name), each));
            return true;
        }

        /** A statistic of a row's seconds; the row must be measured, as for the rate and the range. */
        double seconds(String name) {
            return json.getAsJsonObject("seconds").get(name).getAsDouble();
        }

        double rate() {
            return json.getAsJsonObject("characters_per_second").get("median").getAsDouble();
        }

        String range() {
            return Words.format("%s [%s, %s]", Words.shortly(seconds("median")), Words.shortly(seconds("min")),
                    Words.shortly(seconds("max")));
        }

        /** A member as text; empty if it is null or missing. */
        String figure(String name, DoubleFunction<String> words) {
            return !json.has(name) || json.get(name).isJsonNull() ? "" : words.apply(RunData.number(json, name));
        }

        /** The row's name, made from some of its settings. */
        String name(List<String> keys) {
            return keys.stream().filter(key -> !setting(key).isEmpty())
                    .map(key -> (UNNAMED.contains(key) ? "" : Words.name(key) + " ") + setting(key))
                    .collect(Collectors.joining(", "));
        }

        private String setting(String key) {
            return Objects.requireNonNull(configuration.get(key), "all rows have the same settings");
        }
    }

    GridReport(Path folder, JsonObject results) {
        this.results = results;
        name = folder.toAbsolutePath().normalize().getFileName().toString();
        rows = results.getAsJsonArray("rows").asList().stream().map(row -> Row.of(row.getAsJsonObject())).toList();
        measured = rows.stream().filter(Row::measured).toList();
        varying = rows.stream().flatMap(row -> row.configuration.keySet().stream()).distinct()
                .filter(key -> differ(rows, key)).toList();
        telling = varying.stream().filter(key -> !key.equals("recurrent_activation") || !decided(key, "cell")).toList();
        charts = makeCharts();
    }

    private static boolean differ(List<Row> rows, String key) {
        return rows.stream().map(row -> row.configuration.get(key)).distinct().count() > 1;
    }

    /** Whether rows with equal values of {@code by} also have equal values of {@code key}. */
    private boolean decided(String key, String by) {
        Map<String, Set<String>> values = rows.stream().collect(Collectors.groupingBy(
                row -> row.configuration.getOrDefault(by, ""),
                Collectors.mapping(row -> row.configuration.getOrDefault(key, ""), Collectors.toSet())));
        return values.values().stream().allMatch(each -> each.size() == 1);
    }

    private List<Chart> makeCharts() {
        List<Chart> made = new ArrayList<>();
        // A device without threads of its own has no place on an axis of threads.
        Optional<String> across = ACROSS.stream().filter(key -> differ(measured, key)
                && measured.stream().noneMatch(row -> row.setting(key).isEmpty())).findFirst();
        if (across.isPresent()) {
            MEASURES.forEach(measure -> made.add(lines(measure, across.get())));
        } else if (measured.size() > 1) {
            MEASURES.forEach(measure -> made.add(new BarChart(measure.name, measure.title, measured.stream()
                    .map(row -> new BarChart.Bar(row.name(telling), measure.value.applyAsDouble(row),
                            measure.words.apply(row)))
                    .toList())));
        }
        Map<String, Double> operations = measured.isEmpty() ? Map.of() : RunData.operations(fastest().json);
        if (!operations.isEmpty()) {
            made.add(BarChart.ofStep(operations));
        }
        return made;
    }

    private Row fastest() {
        return measured.stream().min(Comparator.comparingDouble(row -> row.seconds("median"))).orElseThrow();
    }

    private LineChart lines(Measure measure, String across) {
        List<String> values = measured.stream().map(row -> row.configuration.get(across)).distinct()
                .sorted(Comparator.comparingDouble(each -> Double.parseDouble(each.replace(",", "")))).toList();
        List<String> others = telling.stream().filter(key -> !key.equals(across)).toList();
        // Lines come in the grid's order; a line's points come in the axis' order.
        Map<String, List<LineChart.Point>> points = new LinkedHashMap<>();
        measured.forEach(row -> points.computeIfAbsent(row.name(others), key -> new ArrayList<>())
                .add(new LineChart.Point(values.indexOf(row.configuration.get(across)),
                        measure.value.applyAsDouble(row), row.name(telling) + ": " + row.range() + " s, "
                                + Words.shortly(row.rate()) + " characters/s")));
        List<LineChart.Series> series = points.entrySet().stream().map(line -> new LineChart.Series(line.getKey(),
                line.getValue().stream().sorted(Comparator.comparingDouble(LineChart.Point::x)).toList())).toList();
        return new LineChart(measure.name, measure.title, measure.unit, Axis.Scale.WIDE, Axis.named(values),
                Words.name(across), series, null, List.of());
    }

    /** Adds the table, without columns that carry no information. */
    private void table(Page page) {
        List<String> columns = Stream.concat(varying.stream().map(Words::name), FIGURES.stream()).toList();
        List<List<String>> cells = rows.stream().map(this::cells).toList();
        List<Integer> kept = IntStream.range(0, columns.size()).boxed()
                .filter(column -> cells.stream().anyMatch(row -> !row.get(column).isEmpty())).toList();
        page.table(kept.stream().map(columns::get).toList(),
                cells.stream().map(row -> kept.stream().map(row::get).toList()).toList());
    }

    private List<String> cells(Row row) {
        Stream<String> figures = !row.measured
                ? Stream.concat(Stream.of(row.status.replace('-', ' ')), FIGURES.stream().skip(1).map(name -> ""))
                : Stream.of(Words.format("%.3f", row.seconds("median")), Words.format("%.3f", row.seconds("min")),
                        Words.format("%.3f", row.seconds("max")), Words.format("%,.0f", row.rate()),
                        row.figure("flops_per_second", flops -> Words.format("%,.1f", 1e-9 * flops)),
                        row.figure("share_of_ceiling", share -> Words.format("%.0f %%", 100 * share)),
                        row.figure("peak_host_bytes", GridReport::mebibytes),
                        row.figure("peak_device_bytes", GridReport::mebibytes),
                        row.figure("loss", loss -> Words.format("%.4f", loss)));
        return Stream.concat(varying.stream().map(row.configuration::get), figures).toList();
    }

    private static String mebibytes(double bytes) {
        return bytes == 0 ? "" : Words.format("%,.0f", bytes / (1 << 20));
    }

    private static String lead(JsonObject results, JsonObject text, boolean windows) {
        List<String> parts = new ArrayList<>();
        if (text.has("captions")) {
            String captions = Words.value("", text.get("captions"));
            parts.add(captions + " " + Quantity.unit(captions.equals("1"), windows ? "windows" : "captions")
                    + (text.has("source") ? " from " + Words.value("", text.get("source")) : ""));
        }
        if (results.has("started")) {
            parts.add("started " + Words.time(Words.value("", results.get("started"))));
        }
        return String.join(", ", parts) + ".";
    }

    String html() {
        JsonObject text = results.get("text") instanceof JsonObject object ? object : new JsonObject();
        boolean windows = text.get("window") instanceof JsonPrimitive;
        Page page = new Page("Bench " + name, lead(results, text, windows));
        if (!measured.isEmpty()) {
            page.figures(List.of(new Page.Figure("Configurations", Integer.toString(rows.size()), ""),
                    new Page.Figure("Shortest epoch", Words.shortly(fastest().seconds("median")), "s"),
                    new Page.Figure("Its speed", Words.shortly(fastest().rate()), "characters/s")));
        }
        if (!charts.isEmpty()) {
            page.heading("Charts").charts(charts);
        }
        page.heading("Every configuration");
        table(page);
        rows.stream().filter(row -> !row.message.isEmpty())
                .forEach(row -> page.note((telling.isEmpty() ? "" : row.name(telling) + ": ") + row.message));
        page.note("Seconds are those of an epoch, the median, least and greatest over all that were measured; "
                + (windows ? "characters are the time steps of all windows."
                        : "characters are the time steps that the loss counts: all, padding included, but with the "
                                + "paddings mask and bucket those of captions and an end symbol each.")
                + (charts.isEmpty() || telling.isEmpty() ? ""
                        : " The step is that of the fastest: " + fastest().name(telling) + "."));
        page.heading("Settings and hardware").raw("<div class=\"facts\">\n");
        if (!rows.isEmpty()) {
            JsonObject same = rows.getFirst().json.getAsJsonObject("configuration").deepCopy();
            varying.forEach(same::remove);
            page.facts("The same in every configuration", same);
        }
        page.facts("Measurement", results.get("protocol")).text(text, windows).facts("Machine", results.get("machine"));
        if (results.has("devices") && results.get("devices").isJsonArray()) {
            results.getAsJsonArray("devices").forEach(device -> page.facts("Device", device));
        }
        return page.facts("Program", results.get("charlstm")).raw("</div>\n").end("charlstm bench");
    }
}
