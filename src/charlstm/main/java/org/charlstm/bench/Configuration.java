package org.charlstm.bench;

import module java.base;
import org.charlstm.base.Json;
import org.charlstm.base.UntrustedJson;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.UpdateRule;
import org.charlstm.run.ModelLayers;
import org.charlstm.run.Setup;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/**
 * One point of a grid: a model, its training and its {@link DeviceSetup}. {@code dense} is 0 for a model without a
 * middle layer. The recurrent activation may be {@link #WITHOUT_GATES}.
 */
public record Configuration(String device, String precision, int threads, int batchSize, int hidden, int layers,
        int dense, String cell, String recurrentActivation, String optimizer, String padding) {
    private static final long SEED = 1;
    /** Values that need no label. */
    private static final Map<String, String> USUAL = Map.of("cell", RecurrentCell.Named.LSTM.toString(),
            "recurrent_activation", RecurrentActivation.SIGMOID.toString(), "optimizer",
            UpdateRule.Named.RMSPROP.toString(), "padding", PaddingMode.LAB.toString());
    /** The recurrent activation of a cell without gates. */
    public static final String WITHOUT_GATES = "none";

    /** This configuration with a batch of at most {@code captions} captions. */
    public Configuration batchOfAtMost(int captions) {
        return new Configuration(device, precision, threads, Math.min(batchSize, captions), hidden, layers, dense, cell,
                recurrentActivation, optimizer, padding);
    }

    public DeviceSetup deviceSetup() {
        return new DeviceSetup(device, precision, threads);
    }

    /** The lab's hyperparameters, except the grid's own. */
    public Setup setup() {
        UpdateRule.Named rule = UpdateRule.Named.of(optimizer);
        double rate = Setup.learningRate(rule, RecurrentCell.Named.of(cell));
        return Setup.LAB.layers(ModelLayers.LAB.sized(hidden, layers, dense)
                .of(RecurrentCell.Named.of(cell).with(recurrentActivation.equals(WITHOUT_GATES)
                        ? RecurrentActivation.SIGMOID : RecurrentActivation.of(recurrentActivation), true)))
                .training(new TrainingOptions(batchSize, rate, SEED, true).rule(rate, rule.rule())
                        .padding(PaddingMode.of(padding)));
    }

    /** The values by their names in files; a number of threads that has no effect is empty. */
    public Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        Json.of(this).asMap().forEach((name, value) -> values.put(name, value.isJsonNull() ? "" : value.getAsString()));
        values.replace("threads", "0", "");
        return values;
    }

    /** A name of {@link #values} for people: {@code batch} for {@code batch_size}. */
    public static String word(String name) {
        return name.replace("_size", "").replace('_', ' ');
    }

    /** Whether a name of {@link #values} belongs in the label; usual values and missing gates do not. */
    public boolean isLabelled(String name) {
        String value = values().get(name);
        return !Objects.equals(value, USUAL.get(name)) && !WITHOUT_GATES.equals(value);
    }

    /** Refuses a file's configuration that is missing or incomplete. */
    static void require(@Nullable Configuration configuration) {
        Json.of(FileChecks.present("a configuration", configuration)).asMap().forEach((name, value) -> UntrustedJson
                .require(!value.isJsonNull(), "a configuration's " + name + " is missing or unknown"));
    }

    public String label() {
        return device + " " + precision + values().entrySet().stream().skip(2)
                .filter(value -> !value.getValue().isEmpty() && isLabelled(value.getKey()))
                .map(value -> ", " + word(value.getKey()) + " " + value.getValue()).collect(Collectors.joining());
    }
}
