package org.charlstm.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.DeviceSetup;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.UpdateRule;
import org.charlstm.train.PaddingMode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

final class GridOption {
    private static final String COMMA = " *, *";
    /** The device whose speed depends on its threads. */
    private static final String THREADED = "cpu";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec bench;

    @Option(names = "--devices", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            defaultValue = Devices.AUTO,
            description = "Devices, for example cpu,cuda, by the names of --device of train. "
                    + "Default: ${DEFAULT-VALUE}.")
    private List<String> devices;

    @Option(names = "--batch-sizes", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromOne.class, defaultValue = "128",
            description = "Captions in a step, for example 32,64,128. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batchSizes;

    @Option(names = "--hidden", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromOne.class, defaultValue = "128",
            description = "LSTM units. Default: ${DEFAULT-VALUE}.")
    private List<Integer> hidden;

    @Option(names = "--layers", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromOne.class, defaultValue = "1",
            description = "LSTM layers. Default: ${DEFAULT-VALUE}.")
    private List<Integer> layers;

    @Option(names = "--dense", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.FromZero.class, defaultValue = "128",
            description = "Units of the middle layer, 0 to leave it out. Default: ${DEFAULT-VALUE}.")
    private List<Integer> dense;

    @Option(names = "--recurrent-activation", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            defaultValue = "sigmoid", description = "Activations of the LSTM's gates: sigmoid, or hard_sigmoid as in "
                    + "Keras up to 2.2. Default: ${DEFAULT-VALUE}.")
    private List<RecurrentActivation> recurrentActivations;

    @Option(names = "--optimizer", paramLabel = "LIST", split = COMMA, hideParamSyntax = true, defaultValue = "rmsprop",
            description = "Update rules, each at its usual rate: rmsprop, adam, adamw, sgd. Default: ${DEFAULT-VALUE}.")
    private List<UpdateRule.Named> optimizers;

    @Option(names = "--padding", paramLabel = "LIST", split = COMMA, hideParamSyntax = true, defaultValue = "lab",
            description = "The end symbols that pad captions, as in train: lab, mask, bucket. Default: "
                    + "${DEFAULT-VALUE}.")
    private List<PaddingMode> paddings;

    @Option(names = "--precision", paramLabel = "LIST", split = COMMA, hideParamSyntax = true, defaultValue = "float32",
            description = "How exactly a GPU computes: float32, tf32, bf16. A device that knows one precision is "
                    + "measured in that. Default: ${DEFAULT-VALUE}.")
    private List<Precision> precisions;

    @Option(names = "--threads", paramLabel = "LIST", split = COMMA, hideParamSyntax = true,
            converter = Converters.Threads.class, description = "Threads of the cpu device. Default: all processors.")
    private @Nullable List<Integer> threads;

    /** Every configuration once, in the order of the options' values. */
    List<Configuration> configurations(DeviceOptions options) {
        bench.options().stream().filter(option -> option.isMultiValue() && option.getValue() != null)
                .forEach(option -> UsageException.requireDistinct(option.longestName(), option.getValue()));
        List<Configuration> all = new ArrayList<>();
        for (DeviceSetup setup : setups(options)) {
            for (PaddingMode padding : paddings) {
                for (UpdateRule.Named optimizer : optimizers) {
                    for (RecurrentActivation gates : recurrentActivations) {
                        for (int l : layers) {
                            for (int h : hidden) {
                                for (int d : dense) {
                                    batchSizes.forEach(batch -> all.add(new Configuration(setup.device(),
                                            setup.precision(), setup.threads(), batch, h, l, d, gates.toString(),
                                            optimizer.toString(), padding.toString())));
                                }
                            }
                        }
                    }
                }
            }
        }
        return all;
    }

    private Set<DeviceSetup> setups(DeviceOptions options) {
        List<Integer> counts = threads == null ? List.of(Runtime.getRuntime().availableProcessors()) : threads;
        Set<DeviceSetup> setups = new LinkedHashSet<>();
        for (String name : devices) {
            Devices.Selection selection = UsageException.checked("--devices", () -> Devices.select(name, options));
            String taken = selection.provider().name() + (name.contains(":") ? name.substring(name.indexOf(':')) : "");
            List<Precision> known = selection.provider().precisions() ? precisions
                    : precisions.stream().filter(Precision.FLOAT32::equals).toList();
            UsageException.when(known.isEmpty(), "--precision is %s, but %s knows one precision; add float32 for it",
                    precisions.stream().map(Precision::toString).collect(Collectors.joining(",")), taken);
            for (Precision precision : known) {
                for (int count : taken.equals(THREADED) ? counts : List.of(0)) {
                    setups.add(new DeviceSetup(taken, precision.toString(), count));
                }
            }
        }
        return setups;
    }
}
