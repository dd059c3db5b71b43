package org.charlstm.bench;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import org.charlstm.CharlstmException;
import org.charlstm.Setting;
import org.charlstm.bench.Measurement.Status;
import org.charlstm.io.Json;
import org.jspecify.annotations.Nullable;

/**
 * The results of a grid's parts, put together.
 *
 * @param results a row for every configuration of the grid, those without measurements {@code unfinished}
 * @param missing what those lack, a phrase each
 */
public record Merge(Results results, List<String> missing) {
    /** The results of a part, and where they were read. */
    private record Piece(Path place, Part part, Results results) {
        static Piece read(Path place) {
            Results results = Results.read(place);
            Part part = results.part();
            if (part == null) {
                throw new CharlstmException(place + (results.parts() == null ? " is a whole grid"
                        : " is merged already") + "; name the results of charlstm bench with --part");
            }
            return new Piece(place, part, results);
        }

        /** All that the parts of one grid have in common. */
        JsonObject grid() {
            JsonObject text = Json.of(results.text());
            text.remove("source");
            JsonObject all = new JsonObject();
            all.addProperty("parts", part.of());
            all.add("grid", Json.of(part).get("grid"));
            all.add("text", text);
            all.add("protocol", Json.of(results.protocol()));
            return all;
        }
    }

    /**
     * Puts parts together.
     *
     * @param places  the parts' folders, or their {@code results.json}, in any order
     * @param command the command line, for the record
     * @return the grid, as far as it has been measured
     * @throws CharlstmException if one cannot be read or is no part, if they are of different grids, or if two are the
     *                           same part
     */
    public static Merge of(List<Path> places, List<String> command) {
        Map<Integer, Piece> pieces = new TreeMap<>();
        Piece first = Piece.read(places.getFirst());
        for (Path place : places) {
            Piece piece = Piece.read(place);
            List<String> differences = Differences.between(first.grid(), piece.grid());
            if (!differences.isEmpty()) {
                throw new CharlstmException(place + " is of another grid than " + first.place + ": "
                        + String.join("; ", differences) + "; name parts of one grid");
            }
            Piece same = pieces.put(piece.part.number(), piece);
            if (same != null) {
                throw new CharlstmException(same.place + " and " + place + " are both part " + piece.part.title()
                        + "; name each part once");
            }
        }
        return of(first.part, pieces, command);
    }

    private static Merge of(Part any, Map<Integer, Piece> pieces, List<String> command) {
        List<Results> parts = pieces.values().stream().map(Piece::results).toList();
        Results first = parts.getFirst();
        Journal.Header header = new Journal.Header(build(parts), machine(parts), first.text(), first.protocol(),
                parts.stream().flatMap(part -> part.devices().stream()).distinct().toList(), any.grid(), null);
        List<Row> rows = new ArrayList<>(new RowBuilder(header, List.of()).rows());
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            int number = Part.partOf(i, any.of());
            Piece piece = pieces.get(number);
            if (piece != null) {
                rows.set(i, piece.results.rows().get(i / any.of()));
            }
            if (rows.get(i).status() == Status.UNFINISHED) {
                missing.add(rows.get(i).configuration().label() + ": part " + Part.title(number, any.of())
                        + (piece == null ? " is missing" : " is unfinished"));
            }
        }
        boolean whole = missing.isEmpty() && parts.stream().allMatch(part -> part.finished() != null);
        return new Merge(new Results(Results.FORMAT, command,
                parts.stream().map(Results::started).min(String::compareTo).orElseThrow(),
                whole ? parts.stream().map(part -> Objects.requireNonNull(part.finished())).max(String::compareTo)
                        .orElseThrow() : null,
                header.charlstm(), header.machine(), header.text(), header.protocol(), header.devices(), rows, null,
                pieces.values().stream().map(piece -> Origin.of(piece.part, piece.results)).toList()), missing);
    }

    /** What all builds have in common. */
    private static Build build(List<Results> parts) {
        return new Build(common(parts, part -> part.charlstm().version()),
                common(parts, part -> part.charlstm().commit()), common(parts, part -> part.charlstm().changed()));
    }

    /** What all machines have in common; null where they differ. */
    private static JsonObject machine(List<Results> parts) {
        JsonObject machine = new JsonObject();
        parts.stream().flatMap(part -> part.machine().keySet().stream()).distinct().forEach(name -> machine.add(name,
                common(parts, part -> Objects.requireNonNullElse(part.machine().get(name), JsonNull.INSTANCE))));
        return machine;
    }

    private static <T> @Nullable T common(List<Results> parts, Function<Results, @Nullable T> what) {
        T first = what.apply(parts.getFirst());
        return parts.stream().allMatch(part -> Objects.equals(what.apply(part), first)) ? first : null;
    }

    /**
     * Refuses a folder that holds what was measured, rather than merged.
     *
     * @param folder where the results are to go
     * @throws CharlstmException if it holds other results
     */
    public static void requireFree(Path folder) {
        if (Files.exists(folder.resolve(Results.NAME)) && Results.read(folder).parts() == null) {
            throw new CharlstmException(folder + " holds what charlstm bench has measured; name another folder")
                    .mendedBy(Setting.OUTPUT);
        }
    }

    /**
     * Writes {@code results.json} and {@code results.csv}.
     *
     * @param folder where
     * @throws CharlstmException if they cannot be written
     */
    public void write(Path folder) {
        ResultFiles.write(folder, results);
    }
}
