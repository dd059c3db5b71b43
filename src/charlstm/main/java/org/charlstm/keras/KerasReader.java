package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.device.RecurrentActivation;

/** Determines which generation of Keras wrote an HDF5 file, and reads it. */
final class KerasReader {
    private static final String CONFIG = "model_config";
    private static final String VERSION = "keras_version";
    private static final String UNKNOWN = "unknown";
    private static final String LINEAR = "linear";
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?.*");
    /** Keras' names of layers without weights: they give a shape or are an activation. */
    private static final Pattern WITHOUT_WEIGHTS =
            Pattern.compile("(.*_)?(input|activation|softmax|time_?distributed)(_.*)?");
    private static final Pattern DROPOUT = Pattern.compile("(.*_)?(spatial_?)?dropout(_?1_?d)?(_.*)?");

    /** Keras' names of layers that combine several inputs. */
    private static final Pattern JOINING = Pattern.compile("(.*_)?(concat(enate)?|merge|add|multiply|average|attention)"
            + "(_.*)?");

    /** Reads a whole model, or weights alone. */
    static KerasModel read(Hdf5Group root) {
        Hdf5Group weights = root.group("model_weights").orElse(root);
        Optional<String> config = root.text(CONFIG);
        if (!WeightGroups.areNamed(weights)) {
            return weightsOfKeras3(root);
        }
        List<LayerArrays> arrays = WeightGroups.named(weights);
        String version = root.text(VERSION).or(() -> weights.text(VERSION)).orElse(UNKNOWN);
        boolean first = WeightGroups.areOld(weights) || arrays.stream().anyMatch(LayerArrays::areOfKeras1);
        String generation = "Keras " + (!version.equals(UNKNOWN) ? version : first ? "1" : "2");
        RecurrentActivation usual = first || isBefore(version, 2, 3, 0) ? RecurrentActivation.HARD_SIGMOID
                : RecurrentActivation.SIGMOID;
        Optional<KerasConfig> architecture = config.map(json -> KerasConfig.of(root.place(), json, major(version)));
        Map<String, LayerArrays> byName = arrays.stream()
                .collect(Collectors.toMap(LayerArrays::name, Function.identity(), (one, other) -> one));
        List<KerasLayer> layers = architecture.map(described -> layers(root.place(), described,
                layer -> Optional.ofNullable(byName.get(layer.name()))
                        .orElseThrow(() -> new CharlstmException(
                                root.place() + " describes a layer " + layer.name() + " and holds no weights of it"))))
                .orElseGet(() -> bare(arrays, WeightGroups.areOld(weights)));
        boolean mayBeOlder = isBefore(version, 1, 0, 7) || (first && !NUMBERS.matcher(version).matches());
        for (KerasLayer layer : layers) {
            if (mayBeOlder && layer.kind() instanceof KerasLayer.BatchNorm) {
                throw new CharlstmException(root.place() + " has a layer " + layer.name() + " of class "
                        + "BatchNormalization, and does not say that Keras 1.0.7 or later wrote it; those before "
                        + "divide by a deviation, those after by the root of a variance");
            }
        }
        return new KerasModel(root.place(), generation, usual,
                architecture.map(KerasConfig::steps).orElse(OptionalInt.empty()), layers);
    }

    /** Reads the weights of a Keras 3 archive. */
    static KerasModel read(String version, KerasConfig architecture, Hdf5Group root) {
        Hdf5Group weights = WeightGroups.numberedLayers(root);
        Map<String, Integer> numbers = new HashMap<>();
        Map<LayerConfig, Integer> ofTheirClass = new HashMap<>();
        architecture.layers()
                .forEach(layer -> ofTheirClass.put(layer, numbers.merge(layer.groupClass(), 1, Integer::sum) - 1));
        return new KerasModel(root.place(), "Keras " + version, RecurrentActivation.SIGMOID, architecture.steps(),
                layers(root.place(), architecture, layer -> WeightGroups.numbered(weights, layer.name(),
                        layer.groupClass(),
                        Objects.requireNonNull(ofTheirClass.get(layer), "a layer that is described"))));
    }

    private static KerasModel weightsOfKeras3(Hdf5Group root) {
        return new KerasModel(root.place(), "Keras 3", RecurrentActivation.SIGMOID, OptionalInt.empty(),
                WeightGroups.allNumbered(WeightGroups.numberedLayers(root)));
    }

    private static List<KerasLayer> bare(List<LayerArrays> arrays, boolean nameless) {
        List<String> joining = arrays.stream().map(LayerArrays::name).filter(name -> JOINING.matcher(name).matches())
                .toList();
        if (!joining.isEmpty()) {
            throw new CharlstmException(arrays.getFirst().place() + " cannot be read: by their names its layers "
                    + String.join(", ", joining) + " take several layers at once, and charlstm's models are chains of "
                    + "layers, each of which takes the one before");
        }
        List<KerasLayer> layers = new ArrayList<>();
        for (LayerArrays layer : arrays) {
            if (!layer.arrays().isEmpty()) {
                layers.add(layer.layer());
            } else if (DROPOUT.matcher(layer.name()).matches()) {
                layers.add(KerasLayer.unsaidDropout(layer.name()));
            } else if (!nameless && !WITHOUT_WEIGHTS.matcher(layer.name()).matches()) {
                throw new CharlstmException(
                        layer.place() + " has a layer " + layer.name() + " without weights and does not say "
                                + "what it does; save the whole model, with model.save");
            }
        }
        return layers;
    }

    /** The layers of a configuration. An Activation layer becomes the activation of the Dense layer before it. */
    private static List<KerasLayer> layers(String place, KerasConfig architecture,
            Function<LayerConfig, LayerArrays> weights) {
        List<KerasLayer> layers = new ArrayList<>();
        for (LayerConfig layer : architecture.layers()) {
            switch (layer.kind()) {
                case KerasLayer.Activation activation -> activate(place, layer.name(), activation.title(), layers);
                case KerasLayer.Dropout _,KerasLayer.InferenceOnly _ ->
                    layers.add(new KerasLayer(layer.name(), layer.kind(), List.of()));
                case KerasLayer.Kind _ -> layers.add(layer.of(weights.apply(layer)));
            }
        }
        return layers;
    }

    private static void activate(String place, String name, String title, List<KerasLayer> layers) {
        if (title.equals(LINEAR)) {
            return;
        }
        int before = layers.size() - 1;
        // Dropout before an activation equals dropout after the activation.
        while (before >= 0 && layers.get(before).arrays().isEmpty()) {
            before--;
        }
        Refuse.inputIf(before < 0 || !layers.get(before).kind().equals(new KerasLayer.Dense(Optional.of(LINEAR))),
                place + " has a layer " + name + ", " + title + ", that does not follow a linear Dense layer; only "
                        + "such activations are read");
        KerasLayer linear = layers.get(before);
        layers.set(before, new KerasLayer(linear.name(), new KerasLayer.Dense(Optional.of(title)), linear.arrays()));
    }

    private static int major(String version) {
        Matcher numbers = NUMBERS.matcher(version);
        return numbers.matches() ? Integer.parseInt(numbers.group(1)) : 1;
    }

    /**
     * Whether a Keras version is known and older than another. Keras 2.3 made the sigmoid the default of LSTM and GRU.
     * tf.keras, whose versions end with -tf, did so in TensorFlow 2.
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
