package org.charlstm.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.UpdateRule;
import org.charlstm.io.Json;
import org.charlstm.run.Architecture;
import org.charlstm.run.Setup;
import org.charlstm.train.PaddingMode;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/**
 * One point of a grid: what is trained, and on what.
 *
 * @param device    the device's name, for example {@code cpu} or {@code cuda:1}
 * @param precision the name of a {@link org.charlstm.cuda.Precision}
 * @param threads   host threads that compute; 0 where they make no difference
 * @param hidden    LSTM units of a layer
 * @param dense     units of the middle layer, or 0 for none
 * @param recurrentActivation the name of a {@link RecurrentActivation}: what makes the LSTM's gates
 * @param optimizer the name of a {@link UpdateRule.Named}: what changes the weights
 * @param padding   the name of a {@link PaddingMode}: what becomes of padding
 */
public record Configuration(String device, String precision, int threads, int batchSize, int hidden, int layers,
        int dense, String recurrentActivation, String optimizer, String padding) {
    private static final long SEED = 1;
    private static final String GATES = "recurrent_activation";
    private static final String RULE = "optimizer";
    private static final String PADDING = "padding";
    private static final String USUAL_PADDING = PaddingMode.LAB.title();
    private static final String USUAL_RULE = UpdateRule.Named.RMSPROP.title();
    private static final String USUAL_GATES = Architecture.LAB.recurrentActivation().title();

    /** Files of before there was a choice say nothing of the gates, of the optimiser, and of padding. */
    public Configuration {
        recurrentActivation = Objects.requireNonNullElse(recurrentActivation, USUAL_GATES);
        optimizer = Objects.requireNonNullElse(optimizer, USUAL_RULE);
        padding = Objects.requireNonNullElse(padding, USUAL_PADDING);
    }

    /**
     * The device as it is set up.
     *
     * @return the part that says so
     */
    public DeviceSetup deviceSetup() {
        return new DeviceSetup(device, precision, threads);
    }

    /**
     * What is trained.
     *
     * @return the lab's hyperparameters but for those that the grid spans
     */
    public Setup setup() {
        UpdateRule.Named rule = UpdateRule.Named.of(optimizer);
        return Setup.LAB.architecture(Architecture.LAB.sized(hidden, layers, dense)
                .gates(RecurrentActivation.of(recurrentActivation)))
                .training(new TrainingOptions(batchSize, rule.learningRate(), SEED, true).rule(rule.learningRate(),
                        rule.rule()).padding(PaddingMode.of(padding)));
    }

    /**
     * All of it, name by name as its files have it.
     *
     * @return the values in their order; one that makes no difference is empty
     */
    public Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        Json.of(this).asMap().forEach((name, value) -> values.put(name, value.isJsonNull() ? "" : value.getAsString()));
        values.replace("threads", "0", "");
        return values;
    }

    /**
     * A name of {@link #values} as people say it.
     *
     * @param name for example {@code batch_size}
     * @return for example {@code batch}
     */
    public static String word(String name) {
        return name.replace("_size", "").replace('_', ' ');
    }

    /**
     * Whether a name of {@link #values} is one whose value is worth telling: that of gates, optimiser and padding
     * only where it is not the usual.
     *
     * @param name for example {@code batch_size}
     * @return false for what goes without saying
     */
    public boolean tells(String name) {
        return !(name.equals(GATES) && recurrentActivation.equals(USUAL_GATES))
                && !(name.equals(RULE) && optimizer.equals(USUAL_RULE))
                && !(name.equals(PADDING) && padding.equals(USUAL_PADDING));
    }

    /** Refuses one that a file has left out or only half said. */
    static void require(@Nullable Configuration configuration) {
        Configuration present = Sound.present("a configuration", configuration);
        Sound.present("a configuration's device", present.device);
        Sound.present("a configuration's precision", present.precision);
    }

    /** All of it on one line. */
    public String label() {
        return device + " " + precision + values().entrySet().stream().skip(2)
                .filter(value -> !value.getValue().isEmpty() && tells(value.getKey()))
                .map(value -> ", " + word(value.getKey()) + " " + value.getValue()).collect(Collectors.joining());
    }
}
