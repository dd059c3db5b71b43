package org.charlstm.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Refuse;
import org.charlstm.base.Spread;
import org.jspecify.annotations.Nullable;

/** Two experiments side by side. {@code differences} lists their unequal conditions if the comparison was forced. */
public record ResultComparison(List<String> differences, List<Pair> pairs, List<Unpaired> unpaired) {
    /** The members of a machine that must be equal. The program, Java and the system may differ. */
    private static final Set<String> MACHINE = Set.of("processor", "processors", "memory_bytes");

    /** The seconds per epoch in both, and the second median divided by the first: below 1, the second is faster. */
    public record Pair(Configuration configuration, Spread first, Spread second, double ratio, boolean overlap) {
    }

    /** A configuration that cannot be compared, and the reason. */
    public record Unpaired(Configuration configuration, String why) {
    }

    /** Compares two experiments. With {@code force}, they may differ in text, hardware or protocol. */
    public static ResultComparison of(Results a, Results b, boolean force) {
        List<String> differences = JsonDifferences.between(conditions(a), conditions(b));
        Refuse.inputIf(!differences.isEmpty() && !force,
                "these experiments are not alike: " + String.join("; ", differences) + "; compare them all the same "
                        + "with --force");
        List<Pair> pairs = new ArrayList<>();
        List<Unpaired> unpaired = new ArrayList<>();
        for (ResultRow row : a.rows()) {
            ResultRow other = row(b, row.configuration());
            if (other == null) {
                unpaired.add(new Unpaired(row.configuration(), "only in A"));
            } else if (row.seconds() == null || other.seconds() == null) {
                unpaired.add(new Unpaired(row.configuration(), "no figures in " + (row.seconds() != null ? "B"
                        : other.seconds() != null ? "A" : "either")));
            } else {
                pairs.add(new Pair(row.configuration(), row.seconds(), other.seconds(),
                        other.seconds().median() / row.seconds().median(), row.seconds().overlaps(other.seconds())));
            }
        }
        b.rows().stream().filter(row -> row(a, row.configuration()) == null)
                .forEach(row -> unpaired.add(new Unpaired(row.configuration(), "only in B")));
        Refuse.inputIf(pairs.isEmpty(),
                "these experiments have no configuration that both have measured; measure the same devices, sizes and "
                        + "threads in both");
        return new ResultComparison(differences, pairs, unpaired);
    }

    private static @Nullable ResultRow row(Results results, Configuration configuration) {
        return results.rows().stream().filter(row -> row.configuration().equals(configuration)).findFirst()
                .orElse(null);
    }

    private static JsonObject conditions(Results results) {
        JsonObject text = Json.of(results.text());
        text.remove("source");
        JsonObject machine = new JsonObject();
        MACHINE.stream().sorted().forEach(name -> machine.add(name, values(results,
                part -> Stream.of(Objects.requireNonNullElse(part.machine().get(name), JsonNull.INSTANCE)))));
        JsonObject protocol =
                Json.object("epochs", results.protocol().epochs(), "warm_up", results.protocol().warmUp());
        JsonObject devices = new JsonObject();
        results.devices().forEach(device -> devices.add(name(device), values(results,
                part -> part.devices().stream().filter(each -> name(each).equals(name(device)))
                        .map(each -> Json.of(each).get("hardware")))));
        return Json.object("text", text, "machine", machine, "protocol", protocol, "devices", devices);
    }

    private static String name(DeviceSetup.Summary device) {
        return device.device() + " " + device.precision() + " threads " + device.threads();
    }

    /** The value that all parts agree on; if parts differ, an object with each part's value. */
    private static JsonElement values(Results results,
            Function<Results.MeasuredPart, Stream<? extends JsonElement>> what) {
        List<Results.MeasuredPart> parts = results.parts() != null ? results.parts()
                : List.of(Results.MeasuredPart.of(new Grid.Part(1, 1, List.of()), results));
        JsonObject all = new JsonObject();
        parts.forEach(part -> what.apply(part).forEach(value -> all.add(part.title(), value)));
        Set<JsonElement> distinct = Set.copyOf(all.asMap().values());
        return distinct.size() == 1 ? distinct.iterator().next() : all;
    }
}
