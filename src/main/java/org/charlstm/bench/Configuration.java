package org.charlstm.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.UpdateRule;
import org.charlstm.io.Json;
import org.charlstm.run.ModelLayers;
import org.charlstm.run.Setup;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/**
 * One point of a grid: a model, its training and its device.
 *
 * @param device    the device's name, for example {@code cpu} or {@code cuda:1}
 * @param precision the name of a {@link org.charlstm.cuda.Precision}
 * @param threads   host threads that compute; 0 where they make no difference
 * @param hidden    LSTM units of a layer
 * @param dense     units of the middle layer, or 0 for none
 * @param recurrentActivation the name of a {@link RecurrentActivation}
 * @param optimizer the name of a {@link UpdateRule.Named}
 * @param padding   the name of a {@link PaddingMode}
 */
public record Configuration(String device, String precision, int threads, int batchSize, int hidden, int layers,
        int dense, String recurrentActivation, String optimizer, String padding) {
    private static final long SEED = 1;
    private static final String GATES = "recurrent_activation";
    private static final String RULE = "optimizer";
    private static final String PADDING = "padding";
    private static final String USUAL_PADDING = PaddingMode.LAB.toString();
    private static final String USUAL_RULE = UpdateRule.Named.RMSPROP.toString();
    private static final String USUAL_GATES = ModelLayers.LAB.recurrentActivation().toString();

    public DeviceSetup deviceSetup() {
        return new DeviceSetup(device, precision, threads);
    }

    /** The lab's hyperparameters, except for those of the grid. */
    public Setup setup() {
        UpdateRule.Named rule = UpdateRule.Named.of(optimizer);
        return Setup.LAB.layers(ModelLayers.LAB.sized(hidden, layers, dense)
                .gates(RecurrentActivation.of(recurrentActivation)))
                .training(new TrainingOptions(batchSize, rule.learningRate(), SEED, true).rule(rule.learningRate(),
                        rule.rule()).padding(PaddingMode.of(padding)));
    }

    /** The values under their names in files; a number of threads that makes no difference is empty. */
    public Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        Json.of(this).asMap().forEach((name, value) -> values.put(name, value.isJsonNull() ? "" : value.getAsString()));
        values.replace("threads", "0", "");
        return values;
    }

    /**
     * A name of {@link #values} for people: {@code batch} for {@code batch_size}.
     */
    public static String word(String name) {
        return name.replace("_size", "").replace('_', ' ');
    }

    /**
     * Whether a name of {@link #values} belongs in the label: gates, optimiser and padding do unless they are the
     * default.
     */
    public boolean isLabelled(String name) {
        return !(name.equals(GATES) && recurrentActivation.equals(USUAL_GATES))
                && !(name.equals(RULE) && optimizer.equals(USUAL_RULE))
                && !(name.equals(PADDING) && padding.equals(USUAL_PADDING));
    }

    /** Refuses one of a file that is missing or incomplete. */
    static void require(@Nullable Configuration configuration) {
        Configuration present = FileChecks.present("a configuration", configuration);
        FileChecks.present("a configuration's device", present.device);
        FileChecks.present("a configuration's precision", present.precision);
        FileChecks.present("a configuration's recurrent_activation", present.recurrentActivation);
        FileChecks.present("a configuration's optimizer", present.optimizer);
        FileChecks.present("a configuration's padding", present.padding);
    }

    public String label() {
        return device + " " + precision + values().entrySet().stream().skip(2)
                .filter(value -> !value.getValue().isEmpty() && isLabelled(value.getKey()))
                .map(value -> ", " + word(value.getKey()) + " " + value.getValue()).collect(Collectors.joining());
    }
}
