package org.charlstm.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.io.AtomicFile;
import org.charlstm.io.Json;

/** Writes results as {@code results.json} and, a row a configuration, as {@code results.csv}. */
final class ResultFiles {
    /** The table for spreadsheets: RFC 4180, but lines end in LF. */
    static final String CSV = "results.csv";

    /** The columns behind those of the configuration. */
    private static final List<String> FIGURES = List.of("parameters", "status", "epochs", "seconds_median",
            "seconds_min", "seconds_max", "characters_per_second", "flops_per_second", "ceiling_flops_per_second",
            "share_of_ceiling", "peak_host_bytes", "peak_device_bytes", "loss", "message");

    private ResultFiles() {
    }

    /**
     * Replaces both files.
     *
     * @throws org.charlstm.CharlstmException if they cannot be written
     */
    static void write(Path folder, Results results) {
        AtomicFile.write(folder.resolve(Results.NAME),
                (Json.pretty(Json.of(results)) + "\n").getBytes(StandardCharsets.UTF_8));
        AtomicFile.write(folder.resolve(CSV), csv(results).getBytes(StandardCharsets.UTF_8));
    }

    private static String csv(Results results) {
        List<Object> columns = new ArrayList<>(results.rows().getFirst().configuration().values().keySet());
        columns.addAll(FIGURES);
        return Stream.concat(Stream.of(columns), results.rows().stream().map(ResultFiles::fields))
                .map(fields -> fields.stream().map(ResultFiles::quoted).collect(Collectors.joining(",")) + "\n")
                .collect(Collectors.joining());
    }

    private static List<Object> fields(Row row) {
        List<Object> fields = new ArrayList<>(row.configuration().values().values());
        fields.add(row.parameters());
        fields.add(Json.of(row).get("status").getAsString());
        fields.add(row.epochSeconds().stream().mapToInt(List::size).sum());
        fields.add(row.seconds() == null ? null : row.seconds().median());
        fields.add(row.seconds() == null ? null : row.seconds().min());
        fields.add(row.seconds() == null ? null : row.seconds().max());
        fields.add(row.charactersPerSecond() == null ? null : row.charactersPerSecond().median());
        fields.add(row.flopsPerSecond());
        fields.add(row.ceilingFlopsPerSecond());
        fields.add(row.shareOfCeiling());
        fields.add(row.peakHostBytes());
        fields.add(row.peakDeviceBytes());
        fields.add(row.loss());
        fields.add(row.message());
        return fields;
    }

    private static String quoted(Object field) {
        String text = field == null ? "" : field.toString();
        return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
