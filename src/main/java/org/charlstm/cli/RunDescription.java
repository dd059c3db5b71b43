package org.charlstm.cli;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.charlstm.device.Device;
import org.charlstm.io.ConfigJson;
import org.charlstm.io.Json;
import org.charlstm.nn.ModelConfig;
import org.charlstm.train.Figures;
import org.charlstm.train.Machine;
import org.charlstm.train.OperationTime;
import picocli.CommandLine.Model.CommandSpec;

/** What a run is, for {@code run.json}. */
final class RunDescription {
    private final CommandSpec command;
    private final long seed;
    private final ModelConfig sizes;
    private final TrainingText text;
    private final Device device;
    private final String started = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    private List<String> choices;
    private List<OperationTime> operations;

    RunDescription(CommandSpec command, long seed, ModelConfig sizes, TrainingText text, Device device) {
        this.command = command;
        this.seed = seed;
        this.sizes = sizes;
        this.text = text;
        this.device = device;
        takeChoices();
    }

    /** Notes what the device has chosen; what it chooses later, to sample say, is none of the training's. */
    void takeChoices() {
        choices = device.choices();
    }

    void operations(List<OperationTime> measured) {
        operations = measured;
    }

    JsonObject json(List<Figures> metrics) {
        JsonObject config = ConfigJson.of(sizes, text.corpus().steps());
        config.addProperty("parameters", sizes.parameters());
        JsonObject options = new JsonObject();
        command.options().stream().filter(option -> !option.usageHelp() && !option.versionHelp()).forEach(option ->
                options.addProperty(option.longestName().substring(2),
                        option.getValue() == null ? null : option.getValue().toString()));
        JsonObject described = new JsonObject();
        described.addProperty("name", device.name());
        described.addProperty("description", device.description());
        described.add("choices", Json.array(choices));
        described.add("warnings", Json.array(device.warnings()));
        JsonObject json = new JsonObject();
        json.addProperty("started", started);
        json.addProperty("seed", seed);
        json.add("config", config);
        json.add("options", options);
        json.add("text", text.json());
        json.add("device", described);
        json.add("machine", Machine.json());
        if (!metrics.isEmpty()) {
            json.add("seconds_per_epoch", new EpochTimes(metrics).json());
        }
        if (operations != null) {
            json.add("operations", Json.array(operations));
        }
        return json;
    }
}
