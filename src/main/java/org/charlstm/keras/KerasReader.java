package org.charlstm.keras;

import java.util.ArrayList;
import java.util.Arrays;
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
import java.util.stream.IntStream;
import org.charlstm.device.RecurrentActivation;

/** Finds out which generation wrote an HDF5 file, and reads it. */
final class KerasReader {
    private static final String CONFIG = "model_config";
    private static final String VERSION = "keras_version";
    private static final String UNKNOWN = "unknown";
    private static final String LINEAR = "linear";
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?.*");
    /** How Keras itself names layers without weights that say a shape, or are an activation. */
    private static final Pattern WITHOUT_WEIGHTS =
            Pattern.compile("(.*_)?(input|activation|softmax|time_?distributed)(_.*)?");
    private static final Pattern DROPOUT = Pattern.compile("(.*_)?(spatial_?)?dropout(_?1_?d)?(_.*)?");

    /** And those that take several layers at once. */
    private static final Pattern JOINING = Pattern.compile("(.*_)?(concat(enate)?|merge|add|multiply|average|attention)"
            + "(_.*)?");

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
        RecurrentActivation usual = first || isBefore(version, 2, 3, 0) ? RecurrentActivation.HARD_SIGMOID
                : RecurrentActivation.SIGMOID;
        Optional<Architecture> architecture = config.map(json -> Architecture.of(root.place(), json, major(version)));
        Map<String, LayerArrays> byName = arrays.stream()
                .collect(Collectors.toMap(LayerArrays::name, Function.identity(), (one, other) -> one));
        List<KerasLayer> layers = architecture.map(described -> layers(root.place(), described,
                layer -> Optional.ofNullable(byName.get(layer.name())).orElseThrow(() -> FileRefusal.of(root.place(),
                        "describes a layer " + layer.name() + " and holds no weights of it"))))
                .orElseGet(() -> bare(arrays, NamedWeights.isOld(weights)));
        if (isBefore(version, 1, 0, 7) || (first && !NUMBERS.matcher(version).matches())) {
            layers.stream().filter(KerasLayer.BatchNorm.class::isInstance).findFirst().ifPresent(norm -> {
                throw FileRefusal.of(root.place(), "has a layer " + norm.name() + " of class BatchNormalization, and "
                        + "does not say that Keras 1.0.7 or later wrote it; those before divide by a deviation, those "
                        + "after by the root of a variance");
            });
        }
        return new KerasModel(root.place(), generation, usual,
                architecture.map(Architecture::steps).orElse(OptionalInt.empty()), layers);
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
        return new KerasModel(root.place(), "Keras 3", RecurrentActivation.SIGMOID, OptionalInt.empty(),
                NumberedWeights.read(requireKeras3(root)));
    }

    private static Hdf5Group requireKeras3(Hdf5Group root) {
        return NumberedWeights.layers(root).orElseThrow(() -> FileRefusal.of(root.place(),
                "is HDF5 and holds no layers as Keras 1, 2 or 3 writes them"));
    }

    private static List<KerasLayer> bare(List<LayerArrays> arrays, boolean nameless) {
        List<String> joining = arrays.stream().map(LayerArrays::name).filter(name -> JOINING.matcher(name).matches())
                .toList();
        if (!joining.isEmpty()) {
            throw FileRefusal.of(arrays.getFirst().place(), "cannot be read: by their names its layers "
                    + String.join(", ", joining) + " take several layers at once, and charlstm's models are chains of "
                    + "layers, each of which takes the one before");
        }
        List<KerasLayer> layers = new ArrayList<>();
        for (LayerArrays layer : arrays) {
            if (!layer.arrays().isEmpty()) {
                layers.add(layer.layer());
            } else if (DROPOUT.matcher(layer.name()).matches()) {
                layers.add(KerasLayer.LeftOut.unsaid(layer.name()));
            } else if (!nameless && !WITHOUT_WEIGHTS.matcher(layer.name()).matches()) {
                throw FileRefusal.of(layer.place(), "has a layer " + layer.name() + " without weights and does not say "
                        + "what it does; save the whole model, with model.save");
            }
        }
        return layers;
    }

    /** The layers that are described; an activation that is one of its own becomes that of the Dense layer before. */
    private static List<KerasLayer> layers(String place, Architecture architecture,
            Function<DescribedLayer, LayerArrays> weights) {
        List<KerasLayer> layers = new ArrayList<>();
        for (DescribedLayer layer : architecture.layers()) {
            switch (layer.kind()) {
                case DescribedLayer.Embedding _ -> layers.add(weights.apply(layer).embedding(true));
                case DescribedLayer.Lstm lstm -> layers.add(weights.apply(layer).lstm(lstm.recurrentActivation(),
                        Optional.of(lstm.everyStep())));
                case DescribedLayer.Dense dense -> layers.add(weights.apply(layer)
                        .dense(Optional.of(dense.activation())));
                case DescribedLayer.BatchNorm norm -> layers.add(weights.apply(layer).batchNorm(Optional.of(norm)));
                case DescribedLayer.Dropout dropout -> layers.add(new KerasLayer.Dropout(layer.name(),
                        dropout.rate()));
                case DescribedLayer.LeftOut out -> layers.add(new KerasLayer.LeftOut(layer.name(), out.why()));
                case DescribedLayer.Activation activation -> activate(place, layer.name(), activation.title(), layers);
                case DescribedLayer.Nothing _ -> {}
            }
        }
        return layers;
    }

    private static void activate(String place, String name, String title, List<KerasLayer> layers) {
        if (title.equals(LINEAR)) {
            return;
        }
        int before = layers.size() - 1;
        // What is dropped before an activation may as well be after it.
        while (before >= 0 && !(layers.get(before) instanceof KerasLayer.Weighted)) {
            before--;
        }
        if (before < 0 || !(layers.get(before) instanceof KerasLayer.Dense dense)
                || !dense.activation().equals(Optional.of(LINEAR))) {
            throw FileRefusal.of(place, "has a layer " + name + ", " + title + ", that does not follow a linear Dense "
                    + "layer; only such activations are read");
        }
        layers.set(before, new KerasLayer.Dense(dense.name(), dense.kernel(), dense.bias(), Optional.of(title)));
    }

    private static int major(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        return numbers.matches() ? Integer.parseInt(numbers.group(1)) : 1;
    }

    /**
     * Whether a version of Keras is known and older. Keras 2.3 made the sigmoid the LSTM's default; tf.keras did so in
     * TensorFlow 2, under another number.
     */
    private static boolean isBefore(String version, int... wanted) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.matches() || version.endsWith("-tf")) {
            return false;
        }
        int[] its = IntStream.rangeClosed(1, wanted.length)
                .map(i -> numbers.group(i) == null ? 0 : Integer.parseInt(numbers.group(i))).toArray();
        return Arrays.compare(its, wanted) < 0;
    }
}
