package org.charlstm.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.device.Device;
import org.charlstm.io.ConfigJson;
import org.charlstm.io.IoFailure;
import org.charlstm.io.Json;
import org.charlstm.io.RegularFile;
import org.charlstm.io.UntrustedJson;
import org.charlstm.nn.ModelConfig;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/** The contents of {@code run.json}: written from a run, and read without trust. */
public final class RunDescription {
    /** Far more than a description makes. */
    private static final int MAX_VALUES = 100_000;
    private static final long MAX_BYTES = 10_000_000;
    /** Options that people name things by: digits alone are no number there. */
    private static final Set<String> NAMES = Set.of("text", "more-texts", "out", "init", "resume", "validation",
            "condition", "validation-condition", "alphabet", "encoding");
    /** A number as JSON has it, of a length that is one of a setting. */
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d{0,30})(\\.\\d{1,30})?([eE][+-]?\\d{1,3})?");
    private static final String UNREADABLE = " cannot be read";
    private static final String AGAIN = "make it again, or restore it";

    private final TrainingRun run;
    private final Device device;
    private final List<String> resumed = new ArrayList<>();
    /** The epochs with which a process went on. */
    private final Set<Integer> firstEpochs = new TreeSet<>();
    /** The learning rates with the epochs from which they held; empty if there was one schedule throughout. */
    private final JsonArray rates = new JsonArray();
    private String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    private List<String> choices;
    private @Nullable List<OperationTime> operations;
    private @Nullable String end;
    private @Nullable Figures tested;

    RunDescription(TrainingRun run) {
        this.run = run;
        device = run.model().device();
        choices = device.choices();
    }

    /**
     * Reads the description in a run's folder. Any member may be missing or of another kind.
     *
     * @throws CharlstmException if it cannot be read, or is no object
     */
    public static JsonObject read(Path folder) {
        Path file = folder.resolve(RunFolder.RUN);
        try {
            RegularFile.requireReadable(file);
            if (Files.size(file) > MAX_BYTES) {
                throw unreadable(file, "it is longer than any", null);
            }
            String text = Files.readString(file);
            return UntrustedJson.read(file + UNREADABLE, AGAIN, () -> Json.parse(text, MAX_VALUES));
        } catch (IOException e) {
            throw unreadable(file, IoFailure.of(e), e);
        }
    }

    private static CharlstmException unreadable(Path file, String why, @Nullable Throwable cause) {
        return new CharlstmException(file + UNREADABLE + ": " + why + "; " + AGAIN, cause);
    }

    /** A string, number or truth value in a description; empty if there is none at that place. */
    public static Optional<String> word(JsonObject description, String... path) {
        JsonElement at = description;
        for (String name : path) {
            at = at instanceof JsonObject object ? object.get(name) : null;
        }
        return at instanceof JsonPrimitive word ? Optional.of(word.getAsString()) : Optional.empty();
    }

    /** The settings in a description by name, with underscores between its words. */
    public static Map<String, String> settings(JsonObject description) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (description.get("options") instanceof JsonObject options) {
            options.asMap().forEach((name, value) -> {
                if (value instanceof JsonPrimitive word) {
                    settings.put(name.replace('-', '_'), word.getAsString());
                } else if (value instanceof JsonArray words) {
                    settings.put(name.replace('-', '_'), String.join(" ", Json.strings(words)));
                }
            });
        }
        return settings;
    }

    /** Takes from an earlier description what its results depend on. */
    void follow(JsonObject before) {
        if (before.get("resumed_with") instanceof JsonArray known) {
            known.asList().stream().mapToDouble(RunDescription::number).filter(each -> each <= Integer.MAX_VALUE)
                    .forEach(each -> firstEpochs.add((int) each));
        }
    }

    /** Settings and options with numbers and truth values as such; a file writes all as words. */
    public static JsonObject typed(Map<String, @Nullable String> words) {
        JsonObject json = new JsonObject();
        words.forEach((name, word) -> json.add(name, typed(name, word)));
        return json;
    }

    /** The same of options in a description; other values than words stay. */
    public static JsonObject typed(JsonObject options) {
        JsonObject json = new JsonObject();
        options.asMap().forEach((name, value) -> json.add(name, value instanceof JsonPrimitive word && word.isString()
                ? typed(name, word.getAsString()) : value));
        return json;
    }

    private static JsonElement typed(String name, @Nullable String word) {
        if (word == null) {
            return JsonNull.INSTANCE;
        }
        if (!NAMES.contains(name.replace('_', '-'))) {
            if (word.equals("true") || word.equals("false")) {
                return new JsonPrimitive(Boolean.valueOf(word));
            }
            if (NUMBER.matcher(word).matches()) {
                return new JsonPrimitive(new BigDecimal(word));
            }
        }
        return new JsonPrimitive(word);
    }

    /** An option as a number where it is one; null where there is none. */
    public static JsonElement typedOption(JsonObject description, String name) {
        return typed(name, word(description, "options", name).orElse(null));
    }

    /** Whether the description that this one follows has the same results. */
    boolean saysTheSame(JsonObject before, List<Figures> figures) {
        JsonObject now = json(figures);
        return Stream.of("config", "text", "monitor", "best", "seconds_per_epoch")
                .allMatch(part -> Objects.equals(before.get(part), now.get(part)));
    }

    /**
     * Resumes from a state and the description beside it, which may be empty.
     *
     * @param allStepsTaken whether the state's epoch lacks its figures alone
     */
    void resume(JsonObject before, RunState state, boolean allStepsTaken) {
        int epoch = state.training().epoch() + (state.whole() ? 1 : 0);
        int rows = state.whole() ? 0 : state.training().rows();
        if (before.get("rates") instanceof JsonArray known) {
            // A kill may have left a rate with which no epoch was trained.
            known.asList().stream().filter(rate -> number(rate, "from_epoch") < epoch
                    || (number(rate, "from_epoch") == epoch && number(rate, "after_rows") < rows))
                    .forEach(rates::add);
        }
        if (state.isAtAnotherRate(run)) {
            if (rates.isEmpty()) {
                rates.add(rate(1, 0, state.settings()));
            }
            rates.add(rate(epoch, rows, RunState.settings(run.setup().training())));
        }
        firstEpochs.removeIf(each -> each >= epoch);
        firstEpochs.add(epoch + (allStepsTaken ? 1 : 0));
        resumed.addAll(Json.strings(before.get("resumed")));
        resumed.add(started);
        if (before.has("started") && before.get("started").isJsonPrimitive()) {
            started = before.get("started").getAsString();
        }
    }

    /** A number of an earlier description; infinite if it is none, for the file is not trusted. */
    private static double number(JsonElement rate, String name) {
        return rate instanceof JsonObject object ? number(object.get(name)) : Double.POSITIVE_INFINITY;
    }

    private static double number(@Nullable JsonElement value) {
        return value instanceof JsonPrimitive number && number.isNumber() ? number.getAsDouble()
                : Double.POSITIVE_INFINITY;
    }

    private static JsonObject rate(int epoch, int rows, Map<String, String> settings) {
        JsonObject rate = new JsonObject();
        rate.addProperty("from_epoch", epoch);
        rate.addProperty("after_rows", rows);
        RunState.rate(settings).forEach(rate::addProperty);
        return rate;
    }

    void end(TrainingRun.End how) {
        end = how.name().toLowerCase(Locale.ROOT);
    }

    void end(Throwable failure) {
        end = failure instanceof DivergenceException ? "diverged" : "failed";
    }

    /** Takes the device's choices for training; later ones, for sampling say, are not listed. */
    void takeChoices() {
        choices = device.choices();
    }

    void operations(List<OperationTime> measured) {
        operations = measured;
    }

    void tested(Figures figures) {
        tested = figures;
    }

    /** The times of at least one epoch. */
    EpochTimes times(List<Figures> figures) {
        return EpochTimes.of(figures, firstEpochs);
    }

    JsonObject json(List<Figures> figures) {
        ModelConfig sizes = run.model().config();
        JsonObject config = ConfigJson.of(sizes, run.text().corpus().steps());
        config.addProperty("parameters", sizes.parameters());
        JsonObject described = new JsonObject();
        described.addProperty("name", device.name());
        described.addProperty("description", device.description());
        described.add("choices", Json.array(choices));
        described.add("warnings", Json.array(device.warnings()));
        JsonObject json = new JsonObject();
        json.addProperty("started", started);
        if (!resumed.isEmpty()) {
            json.add("resumed", Json.array(resumed));
            json.add("resumed_with", Json.array(List.copyOf(firstEpochs)));
        }
        if (!rates.isEmpty()) {
            json.add("rates", rates);
        }
        json.addProperty("seed", run.setup().training().seed());
        json.add("config", config);
        json.add("options", options());
        if (run.keepsBest()) {
            json.addProperty("monitor", run.monitor());
            run.best().ifPresent(best -> {
                JsonObject of = Json.of(best);
                if (!run.bestIsKept()) {
                    of.addProperty("kept", false);
                }
                json.add("best", of);
            });
        }
        if (end != null) {
            json.addProperty("end", end);
        }
        json.add("text", run.text().json());
        json.add("device", described);
        json.add("machine", Machine.json());
        if (run.ranks().size() > 1) {
            JsonObject ranks = new JsonObject();
            ranks.addProperty("size", run.ranks().size());
            ranks.add("hosts", Json.array(run.ranks().hosts()));
            run.carrier().ifPresent(carrier -> ranks.addProperty("sums", carrier));
            json.add("ranks", ranks);
        }
        if (!figures.isEmpty()) {
            json.add("seconds_per_epoch", Json.of(times(figures)));
        }
        if (tested != null) {
            json.add("test", JsonLines.line(tested));
        }
        if (operations != null) {
            json.add("operations", Json.array(operations));
        }
        return json;
    }

    private JsonObject options() {
        JsonObject json = new JsonObject();
        if (run.options().isEmpty()) {
            RunState.settings(run.setup().training()).forEach(json::addProperty);
            json.addProperty("epochs", Integer.toString(run.setup().epochs()));
            if (run.setup().stopping().patience() > 0) {
                json.addProperty("patience", Integer.toString(run.setup().stopping().patience()));
            }
        }
        run.options().forEach(json::addProperty);
        return json;
    }
}
