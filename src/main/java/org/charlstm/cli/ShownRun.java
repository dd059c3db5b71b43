package org.charlstm.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.Quantity;
import org.charlstm.io.IoFailure;
import org.charlstm.io.Json;
import org.charlstm.io.RegularFile;
import org.charlstm.run.RunFolder;
import org.charlstm.train.Figures;

/**
 * A run's description, read without trust.
 *
 * @param said   the description; empty if it cannot be read
 * @param why    why not
 */
record ShownRun(Path folder, JsonObject said, String why) {
    /** Far more than a description makes. */
    private static final int MAX_VALUES = 100_000;
    private static final long MAX_BYTES = 10_000_000;
    /** The keys that say where a model comes from. */
    private static final List<String> TOLD =
            List.of("started", "resumed", "rates", "seed", "options", "text", "device", "machine",
                    "seconds_per_epoch", "monitor", "best", "end", "test");

    /** The options that say how it was trained. */
    private static final Set<String> ASKED = Set.of("epochs", "initializer",
            "recurrent-initializer", "forget-bias", "batch-size", "accumulate", "padding", "optimizer", "momentum",
            "nesterov", "beta1", "beta2", "epsilon", "weight-decay", "update-rule", "clip-norm", "clip-value",
            "learning-rate", "schedule", "warm-up", "decay", "decay-every", "decay-epochs", "min-rate",
            "decay-patience", "patience", "monitor", "seed");

    /** The run that a file is one of the models of; empty if there is none. */
    static Optional<ShownRun> of(Path file) {
        Path folder = Objects.requireNonNullElse(file.getParent(), Path.of("."));
        Path description = folder.resolve(RunFolder.RUN);
        if (!Files.exists(description) || !RunFolder.isModelOfRun(file)) {
            return Optional.empty();
        }
        try {
            RegularFile.requireReadable(description);
            if (Files.size(description) > MAX_BYTES) {
                return Optional.of(new ShownRun(folder, new JsonObject(), "it is longer than any"));
            }
            return Optional.of(new ShownRun(folder, Json.parse(Files.readString(description), MAX_VALUES), ""));
        } catch (IOException e) {
            return Optional.of(new ShownRun(folder, new JsonObject(), IoFailure.of(e)));
        } catch (JsonParseException | IllegalStateException e) {
            return Optional.of(new ShownRun(folder, new JsonObject(), "it is no JSON object"));
        }
    }

    /** A word of it; empty if there is none at that place. */
    private Optional<String> word(String... path) {
        JsonElement at = said;
        for (String name : path) {
            at = at instanceof JsonObject object && object.has(name) ? object.get(name) : null;
        }
        return at != null && at.isJsonPrimitive() ? Optional.of(at.getAsString()) : Optional.empty();
    }

    private String words(String between, String after, String... path) {
        return word(path).map(word -> between + word + after).orElse("");
    }

    private String counted(String between, String plural, String... path) {
        return word(path).map(count -> between + count + " " + Quantity.unit(count.equals("1"), plural)).orElse("");
    }

    /** The figures of the test, in the form of other losses. */
    private String loss() {
        return said.get("test") instanceof JsonObject test && test.get(Figures.TEST_LOSS) instanceof JsonPrimitive loss
                && loss.isNumber() ? String.format(Locale.ROOT, "loss %.4f", loss.getAsDouble()) : "";
    }

    /** With what the run was asked for, where no state says it. */
    List<String> lines(boolean asked) {
        List<String> lines = new ArrayList<>();
        lines.add(ShownModel.row("run", folder + words(", begun ", "", "started")
                + (said.has("resumed") ? ", gone on with " + String.join(", ", Json.strings(said.get("resumed")))
                        : "")));
        if (!why.isEmpty()) {
            lines.add(ShownModel.row("", RunFolder.RUN + " cannot be read: " + why));
        }
        if (asked && said.get("options") instanceof JsonObject options) {
            add(lines, "trained with", options.keySet().stream()
                    .filter(name -> ASKED.contains(name.replace('_', '-')) && word("options", name).isPresent())
                    .map(name -> name.replace('_', ' ').replace('-', ' ') + words(" ", "", "options", name))
                    .filter(ShownModel::tells).collect(Collectors.joining(", ")));
        }
        String unit = word("text", "unit").orElse("captions");
        add(lines, "text", words("", "", "text", "source") + counted(", ", unit, "text", "captions")
                + counted(", ", "characters", "text", "characters"));
        add(lines, "validation", words("", "", "text", "validation")
                + counted(", ", unit, "text", "validation_captions"));
        add(lines, "test", loss() + words(" of epoch ", "", "test", "epoch")
                + counted(", on ", unit, "text", "test_captions"));
        add(lines, "device", words("", "", "device", "name") + words(" (", ")", "device", "description"));
        add(lines, "machine", Stream.of(words("", "", "machine", "processor"), counted("", "processors", "machine",
                "processors"), words("", "", "machine", "os"), words("Java ", "", "machine", "java"),
                words("charlstm ", "", "machine", "charlstm")).filter(word -> !word.isEmpty())
                .collect(Collectors.joining(", ")));
        return lines;
    }

    private static void add(List<String> lines, String name, String value) {
        if (!value.isEmpty()) {
            lines.add(ShownModel.row(name, value));
        }
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("folder", folder.toString());
        TOLD.stream().filter(said::has).forEach(name -> json.add(name, said.get(name)));
        return json;
    }
}
