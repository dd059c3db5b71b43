package org.charlstm.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.Quantity;
import org.charlstm.io.Json;
import org.charlstm.run.RunDescription;
import org.charlstm.run.RunFolder;
import org.charlstm.train.Figures;

/**
 * A run's description, read without trust.
 *
 * @param said   the description; empty if it cannot be read
 * @param why    why not
 */
record ShownRun(Path folder, JsonObject said, String why) {
    /** The keys that say where a model comes from. */
    private static final List<String> TOLD =
            List.of("started", "resumed", "rates", "seed", "options", "text", "device", "machine",
                    "seconds_per_epoch", "monitor", "best", "end", "test");

    /** The settings that say how it was trained. */
    private static final Set<String> ASKED = Set.of("epochs", "initializer",
            "recurrent_initializer", "forget_bias", "batch_size", "accumulate", "padding", "optimizer", "momentum",
            "nesterov", "beta1", "beta2", "epsilon", "weight_decay", "update_rule", "clip_norm", "clip_value",
            "learning_rate", "schedule", "warm_up", "decay", "decay_every", "decay_epochs", "min_rate",
            "decay_patience", "patience", "monitor", "seed");

    /** The run that a file is one of the models of; empty if there is none. */
    static Optional<ShownRun> of(Path file) {
        Path folder = Objects.requireNonNullElse(file.getParent(), Path.of("."));
        if (!Files.exists(folder.resolve(RunFolder.RUN)) || !RunFolder.isModelOfRun(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ShownRun(folder, RunDescription.read(folder), ""));
        } catch (CharlstmException e) {
            return Optional.of(new ShownRun(folder, new JsonObject(), e.getMessage()));
        }
    }

    private String words(String before, String after, String... path) {
        return RunDescription.word(said, path).map(word -> before + word + after).orElse("");
    }

    private String counted(String before, String plural, String... path) {
        return RunDescription.word(said, path)
                .map(count -> before + count + " " + Quantity.unit(count.equals("1"), plural)).orElse("");
    }

    /** Adds rows on the run, and what it was asked for where no state says it. */
    void add(List<String> lines, boolean asked) {
        ShowCommand.row(lines, "run", folder + words(", begun ", "", "started") + (said.has("resumed")
                ? ", gone on with " + String.join(", ", Json.strings(said.get("resumed"))) : ""));
        ShowCommand.row(lines, "", why);
        if (asked) {
            Map<String, String> settings = RunDescription.settings(said);
            settings.keySet().retainAll(ASKED);
            ShowCommand.trainedWith(lines, settings);
        }
        String unit = RunDescription.word(said, "text", "unit").orElse("captions");
        ShowCommand.row(lines, "text", words("", "", "text", "source") + counted(", ", unit, "text", "captions")
                + counted(", ", "characters", "text", "characters"));
        ShowCommand.row(lines, "validation", words("", "", "text", "validation")
                + counted(", ", unit, "text", "validation_captions"));
        // In the form of other losses.
        String loss = said.get("test") instanceof JsonObject test
                && test.get(Figures.TEST_LOSS) instanceof JsonPrimitive number && number.isNumber()
                        ? String.format(Locale.ROOT, "loss %.4f", number.getAsDouble()) : "";
        ShowCommand.row(lines, "test", loss + words(" of epoch ", "", "test", "epoch")
                + counted(", on ", unit, "text", "test_captions"));
        ShowCommand.row(lines, "device", words("", "", "device", "name") + words(" (", ")", "device", "description"));
        ShowCommand.row(lines, "machine", Stream.of(words("", "", "machine", "processor"),
                counted("", "processors", "machine", "processors"), words("", "", "machine", "os"),
                words("Java ", "", "machine", "java"), words("charlstm ", "", "machine", "charlstm"))
                .filter(word -> !word.isEmpty()).collect(Collectors.joining(", ")));
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("folder", folder.toString());
        TOLD.stream().filter(said::has).forEach(name -> json.add(name, said.get(name)));
        return json;
    }
}
