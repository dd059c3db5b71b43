package org.charlstm.keras;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.charlstm.device.RecurrentActivation;

/** Finds out which generation wrote an HDF5 file, and reads it. */
final class KerasReader {
    private static final String CONFIG = "model_config";
    private static final String VERSION = "keras_version";
    private static final String UNKNOWN = "unknown";
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
    /** How Keras itself names layers without weights that only train, say a shape, or are an activation. */
    private static final Pattern WITHOUT_WEIGHTS =
            Pattern.compile("(.*_)?(input|dropout|activation|softmax|time_?distributed)(_.*)?");

    private KerasReader() {
    }

    /** Reads a whole model, or weights alone. */
    static KerasModel read(Hdf5Group root) {
        Hdf5Group weights = root.group("model_weights").orElse(root);
        Optional<String> config = root.text(CONFIG);
        if (!NamedWeights.isIn(weights)) {
            return weightsOfKeras3(root);
        }
        List<LayerArrays> arrays = NamedWeights.read(weights);
        String version = root.text(VERSION).or(() -> weights.text(VERSION)).orElse(UNKNOWN);
        boolean first = NamedWeights.isOld(weights) || arrays.stream().anyMatch(LayerArrays::areOfKeras1);
        String generation = "Keras " + (!version.equals(UNKNOWN) ? version : first ? "1" : "2");
        RecurrentActivation usual = first || isBefore23(version) ? RecurrentActivation.HARD_SIGMOID
                : RecurrentActivation.SIGMOID;
        if (config.isEmpty()) {
            return new KerasModel(root.place(), generation, usual, OptionalInt.empty(),
                    bare(arrays, NamedWeights.isOld(weights)));
        }
        Architecture architecture = Architecture.of(root.place(), config.get(), major(version));
        Map<String, LayerArrays> byName = arrays.stream()
                .collect(Collectors.toMap(LayerArrays::name, Function.identity(), (one, other) -> one));
        return new KerasModel(root.place(), generation, usual, architecture.steps(), layers(root.place(), architecture,
                layer -> Optional.ofNullable(byName.get(layer.name())).orElseThrow(() -> FileRefusal.of(root.place(),
                        "describes a layer " + layer.name() + " and holds no weights of it"))));
    }

    /** Keras 3's weights, which only an archive describes. */
    static KerasModel read(String version, Architecture architecture, Hdf5Group root) {
        Hdf5Group weights = requireKeras3(root);
        Map<String, Integer> numbers = new HashMap<>();
        Map<DescribedLayer, Integer> ofTheirClass = new HashMap<>();
        architecture.layers()
                .forEach(layer -> ofTheirClass.put(layer, numbers.merge(layer.groupClass(), 1, Integer::sum) - 1));
        return new KerasModel(root.place(), "Keras " + version, RecurrentActivation.SIGMOID, architecture.steps(),
                layers(root.place(), architecture, layer -> NumberedWeights.read(weights, layer.name(),
                        layer.groupClass(),
                        Objects.requireNonNull(ofTheirClass.get(layer), "a layer that is described"))));
    }

    private static KerasModel weightsOfKeras3(Hdf5Group root) {
        List<LayerArrays> arrays = NumberedWeights.read(requireKeras3(root));
        return new KerasModel(root.place(), "Keras 3", RecurrentActivation.SIGMOID, OptionalInt.empty(),
                arrays.stream().map(LayerArrays::layer).toList());
    }

    private static Hdf5Group requireKeras3(Hdf5Group root) {
        return NumberedWeights.layers(root).orElseThrow(() -> FileRefusal.of(root.place(),
                "is HDF5 and holds no layers as Keras 1, 2 or 3 writes them"));
    }

    private static List<KerasLayer> bare(List<LayerArrays> arrays, boolean nameless) {
        List<KerasLayer> layers = new ArrayList<>();
        for (LayerArrays layer : arrays) {
            if (!layer.arrays().isEmpty()) {
                layers.add(layer.layer());
            } else if (!nameless && !WITHOUT_WEIGHTS.matcher(layer.name()).matches()) {
                throw FileRefusal.of(layer.place(), "has a layer " + layer.name() + " without weights and does not say "
                        + "what it does; save the whole model, with model.save");
            }
        }
        return layers;
    }

    /** The layers with weights; an activation that is a layer of its own becomes that of the Dense layer before. */
    private static List<KerasLayer> layers(String place, Architecture architecture,
            Function<DescribedLayer, LayerArrays> weights) {
        List<KerasLayer> layers = new ArrayList<>();
        for (DescribedLayer layer : architecture.layers()) {
            switch (layer.kind()) {
                case LSTM -> layers.add(weights.apply(layer).lstm(layer.recurrentActivation()));
                case DENSE -> layers.add(weights.apply(layer).dense(Optional.of(layer.activation())));
                case ACTIVATION -> {
                    if (layer.activation().equals("linear")) {
                        continue;
                    }
                    if (layers.isEmpty() || !(layers.getLast() instanceof KerasLayer.Dense dense)
                            || !dense.activation().equals(Optional.of("linear"))) {
                        throw FileRefusal.of(place, "has a layer " + layer.name() + ", " + layer.activation()
                                + ", that does not follow a linear Dense layer; only such activations are read");
                    }
                    layers.set(layers.size() - 1, new KerasLayer.Dense(dense.name(), dense.kernel(), dense.bias(),
                            Optional.of(layer.activation())));
                }
                case NOTHING -> {}
            }
        }
        return layers;
    }

    private static int major(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        return numbers.matches() ? Integer.parseInt(numbers.group(1)) : 1;
    }

    /** Keras 2.3 made the sigmoid the LSTM's default; tf.keras did so in TensorFlow 2, under another number. */
    private static boolean isBefore23(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        return numbers.matches() && !version.endsWith("-tf")
                && (major(version) < 2 || (major(version) == 2 && Integer.parseInt(numbers.group(2)) < 3));
    }
}
