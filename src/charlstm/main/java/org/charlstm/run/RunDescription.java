package org.charlstm.run;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.Machine;
import org.charlstm.device.Device;
import org.charlstm.io.format.ConfigJson;
import org.charlstm.nn.ModelConfig;
import org.charlstm.run.folder.JsonLines;
import org.charlstm.run.folder.RunState;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.OperationTime;
import org.jspecify.annotations.Nullable;

/** The contents of a run's {@code run.json}. */
final class RunDescription {
    private final TrainingRun run;
    private final Device device;
    private final List<String> resumed = new ArrayList<>();
    private final RunStatus status;
    /** The learning rates, each with the first epoch at that rate; empty if the run has always had one schedule. */
    private final JsonArray rates = new JsonArray();
    private String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    private List<String> choices;
    private @Nullable List<OperationTime> operations;
    private @Nullable String end;

    RunDescription(TrainingRun run) {
        this.run = run;
        status = run.status;
        device = run.model().device();
        choices = device.choices();
    }

    /** Takes over the epochs at which earlier processes resumed. */
    void follow(JsonObject before) {
        if (before.get("resumed_with") instanceof JsonArray known) {
            known.asList().stream().mapToDouble(RunDescription::number).filter(each -> each <= Integer.MAX_VALUE)
                    .forEach(each -> status.firstEpochs.add((int) each));
        }
    }

    /** Whether an earlier description has the same results. */
    boolean saysTheSame(JsonObject before) {
        JsonObject now = json();
        return Stream.of("config", "text", "monitor", "best", "seconds_per_epoch")
                .allMatch(part -> Objects.equals(before.get(part), now.get(part)));
    }

    /** Resumes from a state, whose epoch may lack only its figures, and the earlier description, which may be empty. */
    void resume(JsonObject before, RunState state, boolean allStepsTaken) {
        int epoch = state.training().epoch() + (state.whole() ? 1 : 0);
        int rows = state.whole() ? 0 : state.training().rows();
        if (before.get("rates") instanceof JsonArray known) {
            // A killed run may have left a rate with which no epoch was trained.
            known.asList().stream().filter(rate -> number(rate, "from_epoch") < epoch
                    || (number(rate, "from_epoch") == epoch && number(rate, "after_rows") < rows))
                    .forEach(rates::add);
        }
        if (state.isAtAnotherRate(run.setup().training())) {
            if (rates.isEmpty()) {
                rates.add(rate(1, 0, state.settings()));
            }
            rates.add(rate(epoch, rows, RunState.settings(run.setup().training())));
        }
        status.firstEpochs.removeIf(each -> each >= epoch);
        status.firstEpochs.add(epoch + (allStepsTaken ? 1 : 0));
        resumed.addAll(Json.strings(before.get("resumed")));
        resumed.add(started);
        if (before.has("started") && before.get("started").isJsonPrimitive()) {
            started = before.get("started").getAsString();
        }
    }

    /** A number of an earlier description; infinity if it is not a number, since the file is not trusted. */
    private static double number(JsonElement rate, String name) {
        return rate instanceof JsonObject object ? number(object.get(name)) : Double.POSITIVE_INFINITY;
    }

    private static double number(@Nullable JsonElement value) {
        return value instanceof JsonPrimitive number && number.isNumber() ? number.getAsDouble()
                : Double.POSITIVE_INFINITY;
    }

    private static JsonObject rate(int epoch, int rows, Map<String, String> settings) {
        JsonObject rate = Json.object("from_epoch", epoch, "after_rows", rows);
        RunState.rate(settings).forEach(rate::addProperty);
        return rate;
    }

    void end(TrainingRun.End how) {
        end = how.name().toLowerCase(Locale.ROOT);
    }

    void end(Throwable failure) {
        end = failure instanceof DivergenceException ? "diverged" : "failed";
    }

    /** Lists the device's choices for training. Later choices, for example for sampling, are not listed. */
    void takeChoices() {
        choices = device.choices();
    }

    void operations(List<OperationTime> measured) {
        operations = measured;
    }

    JsonObject json() {
        ModelConfig sizes = run.model().config();
        JsonObject config = ConfigJson.of(sizes, run.text().corpus().steps());
        config.addProperty("parameters", sizes.parameters());
        JsonObject json = Json.object("started", started);
        if (!resumed.isEmpty()) {
            json.add("resumed", Json.array(resumed));
            json.add("resumed_with", Json.array(List.copyOf(status.firstEpochs)));
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
        json.add("device", Json.object("name", device.name(), "description", device.description(), "choices",
                Json.array(choices), "warnings", Json.array(device.warnings())));
        json.add("machine", Machine.json());
        if (run.ranks().size() > 1) {
            JsonObject ranks = Json.object("size", run.ranks().size(), "hosts", Json.array(run.ranks().hosts()));
            run.carrier().ifPresent(carrier -> ranks.addProperty("sums", carrier));
            json.add("ranks", ranks);
        }
        status.times().ifPresent(times -> json.add("seconds_per_epoch", Json.of(times)));
        if (status.tested != null) {
            json.add("test", JsonLines.line(status.tested));
        }
        if (operations != null) {
            json.add("operations", Json.array(operations));
        }
        return json;
    }

    private JsonObject options() {
        JsonObject json = new JsonObject();
        if (run.options.isEmpty()) {
            RunState.settings(run.setup().training()).forEach(json::addProperty);
            json.addProperty("epochs", Integer.toString(run.setup().epochs()));
            if (run.setup().stopping().patience() > 0) {
                json.addProperty("patience", Integer.toString(run.setup().stopping().patience()));
            }
        }
        run.options.forEach(json::addProperty);
        return json;
    }
}
