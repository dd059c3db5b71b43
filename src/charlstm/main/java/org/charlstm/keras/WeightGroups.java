package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.nn.Tensor;

/**
 * Reads the weights of layers in HDF5, under names or numbers.
 *
 * <p>Named: Keras 1 to 3 write {@code layer_names} in the root and {@code weight_names} in each layer's group. The
 * first versions write {@code nb_layers}, {@code layer_k} and {@code param_p} instead.
 *
 * <p>Numbered: Keras 3 writes {@code layers/lstm/cell/vars/0} and so on. A group is named after its layer's class, with
 * a number from the second layer of the class on.
 */
final class WeightGroups {
    private static final String LAYER_NAMES = "layer_names";
    private static final String WEIGHT_NAMES = "weight_names";
    private static final String LAYER_COUNT = "nb_layers";
    private static final String WEIGHT_COUNT = "nb_params";

    /** The group of numbered layers; Keras 2.12 uses the second name. */
    private static final List<String> ROOTS = List.of("layers", "_layer_checkpoint_dependencies");
    /** Classes of layers without weights: they give a shape or are an activation. */
    private static final Set<String> WITHOUT_WEIGHTS = Set.of("input_layer", "activation", "softmax");
    private static final Set<String> DROPOUT = Set.of("dropout", "spatial_dropout1d");
    private static final String EMBEDDING = "embedding";
    private static final String DENSE = "dense";
    private static final String BATCH_NORM = "batch_normalization";
    private static final String TIME_DISTRIBUTED = "time_distributed";

    /** Whether a group has named layers. */
    static boolean areNamed(Hdf5Group group) {
        return group.has(LAYER_NAMES) || group.has(LAYER_NAMES + "0") || areOld(group);
    }

    /** Whether a group has layers in the form of the first versions. */
    static boolean areOld(Hdf5Group group) {
        return group.has(LAYER_COUNT);
    }

    static List<LayerArrays> named(Hdf5Group group) {
        List<LayerArrays> layers = new ArrayList<>();
        if (areOld(group)) {
            for (int k = 0; k < group.whole(LAYER_COUNT); k++) {
                Hdf5Group layer = layerGroup(group, "layer_" + k);
                List<Tensor> arrays = new ArrayList<>();
                for (int p = 0; p < layer.whole(WEIGHT_COUNT); p++) {
                    arrays.add(layer.array("param_" + p));
                }
                layers.add(new LayerArrays(group.place(), "layer_" + k, arrays));
            }
        } else {
            for (String name : group.texts(LAYER_NAMES)) {
                Hdf5Group layer = layerGroup(group, name);
                layers.add(new LayerArrays(group.place(), name,
                        layer.texts(WEIGHT_NAMES).stream().map(layer::array).toList()));
            }
        }
        return layers;
    }

    private static Hdf5Group layerGroup(Hdf5Group group, String name) {
        return group.group(name).orElseThrow(() -> new CharlstmException(group.place() + " names a layer " + name
                + " and holds no group of it"));
    }

    static Hdf5Group numberedLayers(Hdf5Group root) {
        return ROOTS.stream().map(root::group).flatMap(Optional::stream).findFirst()
                .orElseThrow(() -> new CharlstmException(root.place()
                        + " is HDF5 and holds no layers as Keras 1, 2 or 3 writes them"));
    }

    /** The arrays of one numbered layer, by its number among the layers of its class, from 0. */
    static LayerArrays numbered(Hdf5Group layers, String name, String className, int number) {
        String group = className + (number == 0 ? "" : "_" + number);
        return new LayerArrays(layers.place(), name, arrays(layers.group(group).orElseThrow(
                () -> new CharlstmException(layers.place() + " describes a layer " + name + " and holds no group "
                        + group + " of weights"))));
    }

    /** The numbered layers of a file without their order: an embedding, recurrent layers of one class, Dense layers. */
    static List<KerasLayer> allNumbered(Hdf5Group layers) {
        List<KerasLayer> all = new ArrayList<>();
        List<String> dense = new ArrayList<>();
        List<String> recurrent = new ArrayList<>();
        for (String name : layers.names()) {
            String className = className(name);
            switch (className) {
                case EMBEDDING -> all.add(weights(layers, name).layer(new KerasLayer.Embedding(false)));
                case DENSE, TIME_DISTRIBUTED -> dense.add(name);
                case BATCH_NORM -> throw new CharlstmException(layers.place() + " does not say where its layer " + name
                        + " comes; save the whole model, with model.save");
                default -> {
                    if (ForeignCell.ofGroup(className).isPresent()) {
                        recurrent.add(name);
                    } else if (!WITHOUT_WEIGHTS.contains(className) && !DROPOUT.contains(className)) {
                        throw new CharlstmException(layers.place() + " has a layer " + name + "; only Embedding, "
                                + ForeignCell.classes() + ", Dense, Dropout and Activation layers are read");
                    }
                }
            }
        }
        // A time-distributed layer without weights is Dropout or an activation.
        dense.removeIf(name -> name.startsWith(TIME_DISTRIBUTED) && weights(layers, name).arrays().isEmpty());
        for (List<String> names : List.of(recurrent, dense)) {
            if (names.stream().map(WeightGroups::className).distinct().count() > 1) {
                throw new CharlstmException(layers.place() + " does not say in which order its layers " + names
                        + " come; save the whole model as .keras");
            }
            names.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
            names.forEach(name -> {
                LayerArrays arrays = weights(layers, name);
                all.add(ForeignCell.ofGroup(className(name)).map(cell -> new KerasLayer.Recurrent(cell,
                        said(cell, layers.group(name).orElseThrow()), Optional.empty())).map(arrays::layer)
                        .orElseGet(arrays::layer));
            });
        }
        layers.names().stream().filter(name -> DROPOUT.contains(className(name)))
                .forEach(name -> all.add(KerasLayer.unsaidDropout(name)));
        return all;
    }

    /** The options of a cell, which only charlstm's exports store, as attributes of the cell's group. */
    private static Map<String, String> said(ForeignCell cell, Hdf5Group group) {
        Map<String, String> said = new HashMap<>();
        cell.options().keySet().forEach(option -> group.text(option).ifPresent(value -> said.put(option, value)));
        return said;
    }

    private static String className(String group) {
        return group.replaceFirst("_\\d+$", "");
    }

    private static LayerArrays weights(Hdf5Group layers, String name) {
        return new LayerArrays(layers.place(), name, arrays(layers.group(name).orElseThrow()));
    }

    private static List<Tensor> arrays(Hdf5Group layer) {
        for (String path : List.of("cell/vars", "layer/vars", "vars")) {
            Optional<Hdf5Group> variables = layer.group(path);
            if (variables.isPresent() && variables.get().names().contains("0")) {
                return IntStream.range(0, variables.get().names().size())
                        .mapToObj(i -> variables.get().array(Integer.toString(i))).toList();
            }
        }
        return List.of();
    }
}
