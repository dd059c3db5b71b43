package org.charlstm.bench;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Json;
import org.charlstm.base.Setting;
import org.charlstm.bench.Measurement.Status;
import org.jspecify.annotations.Nullable;

/** The merged results of a grid's parts. A configuration without measurements is {@code unfinished}. */
public record Merge(Results results, List<String> missing) {
    /** The results of a part, and the folder or file that holds them. */
    private record ReadPart(Path path, Grid.Part part, Results results) {
        static ReadPart read(Path path) {
            Results results = Results.read(path);
            Grid.Part part = results.part();
            if (part == null) {
                throw new CharlstmException(path + (results.parts() == null ? " is a whole grid"
                        : " is merged already") + "; name the results of charlstm bench with --part");
            }
            return new ReadPart(path, part, results);
        }

        /** The members that must be equal in all parts of a grid. */
        JsonObject grid() {
            JsonObject text = Json.of(results.text());
            text.remove("source");
            return Json.object("parts", part.of(), "grid", Json.of(part).get("grid"), "text", text, "protocol",
                    Json.of(results.protocol()));
        }
    }

    /** Merges parts, given by their folders or {@code results.json} in any order; parts may be missing. */
    public static Merge of(List<Path> paths, List<String> command) {
        Map<Integer, ReadPart> read = new TreeMap<>();
        ReadPart first = ReadPart.read(paths.getFirst());
        for (Path path : paths) {
            ReadPart one = ReadPart.read(path);
            List<String> differences = JsonDifferences.between(first.grid(), one.grid());
            if (!differences.isEmpty()) {
                throw new CharlstmException(path + " is of another grid than " + first.path + ": "
                        + String.join("; ", differences) + "; name parts of one grid");
            }
            ReadPart same = read.put(one.part.number(), one);
            if (same != null) {
                throw new CharlstmException(same.path + " and " + path + " are both part " + one.part.title()
                        + "; name each part once");
            }
        }
        return of(first.part, read, command);
    }

    private static Merge of(Grid.Part any, Map<Integer, ReadPart> read, List<String> command) {
        List<Results> parts = read.values().stream().map(ReadPart::results).toList();
        Results first = parts.getFirst();
        Build build = new Build(common(parts, part -> part.charlstm().version()),
                common(parts, part -> part.charlstm().commit()), common(parts, part -> part.charlstm().changed()));
        Journal.Header header = new Journal.Header(build, machine(parts), first.text(), first.protocol(),
                parts.stream().flatMap(part -> part.devices().stream()).distinct().toList(), any.grid(), null);
        List<ResultRow> rows = new ArrayList<>(ResultRow.of(header, List.of()));
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            int number = Grid.Part.partOf(i, any.of());
            ReadPart one = read.get(number);
            if (one != null) {
                rows.set(i, one.results.rows().get(i / any.of()));
            }
            if (rows.get(i).status() == Status.UNFINISHED) {
                missing.add(rows.get(i).configuration().label() + ": part " + Grid.Part.title(number, any.of())
                        + (one == null ? " is missing" : " is unfinished"));
            }
        }
        boolean whole = missing.isEmpty() && parts.stream().allMatch(part -> part.finished() != null);
        return new Merge(new Results(Results.FORMAT, command,
                parts.stream().map(Results::started).min(String::compareTo).orElseThrow(),
                whole ? parts.stream().map(part -> Objects.requireNonNull(part.finished())).max(String::compareTo)
                        .orElseThrow() : null,
                header.charlstm(), header.machine(), header.text(), header.protocol(), header.devices(), rows, null,
                read.values().stream().map(one -> Results.MeasuredPart.of(one.part, one.results)).toList()),
                missing);
    }

    /** The members of all machines; a member is null if the machines differ in it. */
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

    /** Refuses a folder with results that were measured rather than merged. */
    public static void requireFree(Path folder) {
        if (Files.exists(folder.resolve(Results.NAME)) && Results.read(folder).parts() == null) {
            throw new CharlstmException(folder + " holds what charlstm bench has measured; name another folder")
                    .mendedBy(Setting.OUTPUT);
        }
    }
}
