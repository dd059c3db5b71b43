package org.charlstm.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.charlstm.bench.Configuration;
import org.charlstm.bench.DeviceSetup;
import org.charlstm.cuda.Precision;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.UpdateRule;
import org.charlstm.train.PaddingMode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that span a grid. */
final class GridOption {
    /** The device whose speed depends on its threads. */
    private static final String THREADED = "cpu";

    @Option(names = "--devices", paramLabel = "LIST", defaultValue = Devices.AUTO,
            description = "What computes, for example cpu,cuda: names as --device of train has them. Default: "
                    + "${DEFAULT-VALUE}.")
    private String devices;

    @Option(names = "--batch-sizes", paramLabel = "LIST", defaultValue = "128",
            description = "Captions in a step, for example 32,64,128. Default: ${DEFAULT-VALUE}.")
    private String batchSizes;

    @Option(names = "--hidden", paramLabel = "LIST", defaultValue = "128",
            description = "LSTM units. Default: ${DEFAULT-VALUE}.")
    private String hidden;

    @Option(names = "--layers", paramLabel = "LIST", defaultValue = "1",
            description = "LSTM layers. Default: ${DEFAULT-VALUE}.")
    private String layers;

    @Option(names = "--dense", paramLabel = "LIST", defaultValue = "128",
            description = "Units of the middle layer, 0 to leave it out. Default: ${DEFAULT-VALUE}.")
    private String dense;

    @Option(names = "--recurrent-activation", paramLabel = "LIST", defaultValue = "sigmoid",
            description = "What makes the LSTM's gates: sigmoid, or hard_sigmoid as in Keras up to 2.2. Default: "
                    + "${DEFAULT-VALUE}.")
    private String recurrentActivations;

    @Option(names = "--optimizer", paramLabel = "LIST", defaultValue = "rmsprop",
            description = "What changes the weights, at its usual rate: rmsprop, adam, adamw, sgd. Default: "
                    + "${DEFAULT-VALUE}.")
    private String optimizers;

    @Option(names = "--padding", paramLabel = "LIST", defaultValue = "lab",
            description = "What becomes of padding, as in train: lab, mask, bucket. Default: ${DEFAULT-VALUE}.")
    private String paddings;

    @Option(names = "--precision", paramLabel = "LIST", defaultValue = "float32",
            description = "How exactly a GPU computes: float32, tf32, bf16. A device that knows one precision is "
                    + "measured in that. Default: ${DEFAULT-VALUE}.")
    private String precisions;

    @Option(names = "--threads", paramLabel = "LIST",
            description = "Threads of the cpu device. Default: all processors.")
    private @Nullable String threads;

    /** Every configuration once, in the order of the options' values; refuses what cannot be meant. */
    List<Configuration> configurations(DeviceOptions options) {
        List<Integer> batches = ListOption.numbers("--batch-sizes", batchSizes, 1);
        List<Integer> units = ListOption.numbers("--hidden", hidden, 1);
        List<Integer> stacked = ListOption.numbers("--layers", layers, 1);
        List<Integer> middle = ListOption.numbers("--dense", dense, 0);
        List<Sizes> sizes = new ArrayList<>();
        for (int l : stacked) {
            for (int h : units) {
                for (int d : middle) {
                    batches.forEach(b -> sizes.add(new Sizes(l, h, d, b)));
                }
            }
        }
        List<String> gates = ListOption.words("--recurrent-activation", recurrentActivations,
                RecurrentActivation.titles());
        List<String> rules = ListOption.words("--optimizer", optimizers, UpdateRule.Named.titles());
        List<String> modes = ListOption.words("--padding", paddings, PaddingMode.titles());
        List<Configuration> all = new ArrayList<>();
        for (DeviceSetup setup : setups(options)) {
            for (String p : modes) {
                for (String o : rules) {
                    for (String r : gates) {
                        for (Sizes of : sizes) {
                            all.add(new Configuration(setup.device(), setup.precision(), setup.threads(), of.batch,
                                    of.hidden, of.layers, of.dense, r, o, p));
                        }
                    }
                }
            }
        }
        return all;
    }

    private record Sizes(int layers, int hidden, int dense, int batch) {
    }

    private Set<DeviceSetup> setups(DeviceOptions options) {
        List<Precision> asked = new ArrayList<>();
        for (String title : ListOption.words("--precision", precisions, Precision.titles())) {
            asked.add(Precision.of(title));
        }
        List<Integer> counts = threads == null ? List.of(Runtime.getRuntime().availableProcessors())
                : ListOption.numbers("--threads", threads, 1);
        counts.forEach(DeviceOption::requireThreads);
        Set<DeviceSetup> setups = new LinkedHashSet<>();
        for (String name : ListOption.words("--devices", devices)) {
            Devices.Selection selection = selection(name, options);
            String taken = selection.provider().name() + (name.contains(":") ? name.substring(name.indexOf(':')) : "");
            List<Precision> known = selection.provider().precisions() ? asked
                    : asked.stream().filter(Precision.FLOAT32::equals).toList();
            if (known.isEmpty()) {
                throw new UsageException("--precision is " + precisions + ", but " + taken
                        + " knows one precision; add float32 for it");
            }
            for (Precision precision : known) {
                for (int count : taken.equals(THREADED) ? counts : List.of(0)) {
                    setups.add(new DeviceSetup(taken, precision.title(), count));
                }
            }
        }
        return setups;
    }

    private static Devices.Selection selection(String name, DeviceOptions options) {
        try {
            return Devices.select(name, options);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--devices: " + e.getMessage());
        }
    }
}
