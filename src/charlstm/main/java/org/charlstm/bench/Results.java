package org.charlstm.bench;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.AtomicFile;
import org.charlstm.base.IoFailure;
import org.charlstm.base.Json;
import org.charlstm.base.RegularFile;
import org.charlstm.base.Spread;
import org.charlstm.base.UntrustedJson;
import org.jspecify.annotations.Nullable;

/** The results of an experiment, of a part of a grid, or of merged parts; docs/bench.md describes the format. */
public record Results(int format, List<String> command, String started, @Nullable String finished, Build charlstm,
        JsonObject machine, TextSource.Summary text, Grid.Protocol protocol, List<DeviceSetup.Summary> devices,
        List<ResultRow> rows, Grid.@Nullable Part part, @Nullable List<MeasuredPart> parts) {
    /** The table for spreadsheets, as in RFC 4180 but with LF as line end. */
    static final String CSV = "results.csv";
    /** The columns after the configuration's columns. */
    private static final List<String> FIGURES = List.of("parameters", "status", "epochs", "seconds_median",
            "seconds_min", "seconds_max", "characters_per_second", "flops_per_second", "ceiling_flops_per_second",
            "share_of_ceiling", "peak_host_bytes", "peak_device_bytes", "loss", "message");
    /** The format's number, which changes when a member's meaning changes. */
    public static final int FORMAT = 1;
    public static final String NAME = "results.json";
    private static final String WANTED = "name a folder that charlstm bench has written, or its " + NAME;
    /** A limit far above the number of values in the results of any grid. */
    private static final int MAX_VALUES = 10_000_000;

    public static Results read(Path path) {
        Path file = Files.isDirectory(path) ? path.resolve(NAME) : path;
        try {
            if (!file.equals(path)) {
                RegularFile.requireReadable(file);
            }
            String text = Files.readString(file);
            return UntrustedJson.read(file + " holds no results of charlstm bench in format " + FORMAT, WANTED, () -> {
                Results results = Json.as(Json.parse(text, MAX_VALUES), Results.class);
                results.require();
                return results;
            });
        } catch (IOException e) {
            throw new CharlstmException(file + " cannot be read: " + IoFailure.of(e) + "; " + WANTED, e);
        }
    }

    private void require() {
        UntrustedJson.require(format == FORMAT, "its format is " + format);
        FileChecks.whole("rows", rows).forEach(ResultRow::require);
        new Journal.Header(charlstm, machine, text, protocol, devices,
                rows.stream().map(ResultRow::configuration).toList(), part).require();
        if (part != null) {
            // A merge writes everything in a part again.
            FileChecks.present("started", started);
            rows.forEach(ResultRow::requireWhole);
        }
        if (parts != null) {
            parts.forEach(MeasuredPart::require);
            UntrustedJson.require(!parts.isEmpty(), "parts is empty");
        }
    }

    public void write(Path folder) {
        AtomicFile.write(folder.resolve(Results.NAME),
                (Json.pretty(Json.of(this)) + "\n").getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(folder.resolve(CSV), csv().getBytes(StandardCharsets.UTF_8));
    }

    private String csv() {
        List<Object> columns = new ArrayList<>(rows.getFirst().configuration().values().keySet());
        columns.addAll(FIGURES);
        return Stream.concat(Stream.of(columns), rows.stream().map(Results::fields))
                .map(fields -> fields.stream().map(Results::quoted).collect(Collectors.joining(",")) + "\n")
                .collect(Collectors.joining());
    }

    private static List<Object> fields(ResultRow row) {
        Spread seconds = row.seconds();
        List<Object> fields = new ArrayList<>(row.configuration().values().values());
        fields.addAll(Arrays.asList(row.parameters(), Json.of(row).get("status").getAsString(),
                row.epochSeconds().stream().mapToInt(List::size).sum(), seconds == null ? null : seconds.median(),
                seconds == null ? null : seconds.min(), seconds == null ? null : seconds.max(),
                row.charactersPerSecond() == null ? null : row.charactersPerSecond().median(), row.flopsPerSecond(),
                row.ceilingFlopsPerSecond(), row.shareOfCeiling(), row.peakHostBytes(), row.peakDeviceBytes(),
                row.loss(), row.message()));
        return fields;
    }

    private static String quoted(Object field) {
        String text = field == null ? "" : field.toString();
        return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    /** A part in the results of a merged grid. The grid's row at index i belongs to part {@code i % of + 1}. */
    public record MeasuredPart(int number, int of, List<String> command, String started, @Nullable String finished,
            Build charlstm, JsonObject machine, List<DeviceSetup.Summary> devices) {
        static MeasuredPart of(Grid.Part part, Results results) {
            return new MeasuredPart(part.number(), part.of(), results.command(), results.started(), results.finished(),
                    results.charlstm(), results.machine(), results.devices());
        }

        String title() {
            return Grid.Part.title(number, of);
        }

        /** Refuses a file's part that is incomplete. */
        static void require(@Nullable MeasuredPart part) {
            MeasuredPart present = FileChecks.present("a part", part);
            UntrustedJson.require(present.number >= 1 && present.number <= present.of, "a part is " + present.title());
            FileChecks.present("a part's charlstm", present.charlstm);
            FileChecks.present("a part's machine", present.machine);
            FileChecks.whole("a part's devices", present.devices);
        }
    }
}
