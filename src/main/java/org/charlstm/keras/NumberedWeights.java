package org.charlstm.keras;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.charlstm.nn.Tensor;

/**
 * Weights under numbers, as Keras 3 writes them: {@code layers/lstm/cell/vars/0} and so on. A group is named after its
 * layer's class, with a number from the second on.
 */
final class NumberedWeights {
    /** The layers' group; the second name is that of Keras 2.12. */
    private static final List<String> ROOTS = List.of("layers", "_layer_checkpoint_dependencies");
    /** Classes of layers that have no weights and say a shape, or an activation. */
    private static final Set<String> WITHOUT_WEIGHTS = Set.of("input_layer", "activation", "softmax");
    private static final Set<String> DROPOUT = Set.of("dropout", "spatial_dropout1d");
    private static final String EMBEDDING = "embedding";
    private static final String LSTM = "lstm";
    private static final String DENSE = "dense";
    private static final String BATCH_NORM = "batch_normalization";
    private static final String TIME_DISTRIBUTED = "time_distributed";

    private NumberedWeights() {
    }

    /** The group of all layers, if this is such a file. */
    static Optional<Hdf5Group> layers(Hdf5Group root) {
        return ROOTS.stream().map(root::group).flatMap(Optional::stream).findFirst();
    }

    /** The arrays of a layer of a class; {@code number} counts the layers of its class, from 0. */
    static LayerArrays read(Hdf5Group layers, String name, String className, int number) {
        String group = className + (number == 0 ? "" : "_" + number);
        return new LayerArrays(layers.place(), name, arrays(layers.group(group).orElseThrow(
                () -> FileRefusal.of(layers.place(), "describes a layer " + name + " and holds no group " + group
                        + " of weights"))));
    }

    /**
     * The layers of a file that does not say their order: an embedding, LSTM layers, then Dense layers.
     *
     * @throws org.charlstm.CharlstmException if there are layers of other classes, or of both kinds of Dense
     */
    static List<KerasLayer> read(Hdf5Group layers) {
        List<KerasLayer> all = new ArrayList<>();
        List<String> dense = new ArrayList<>();
        List<String> lstm = new ArrayList<>();
        for (String name : layers.names()) {
            String className = name.replaceFirst("_\\d+$", "");
            switch (className) {
                case EMBEDDING -> all.add(weights(layers, name).embedding(false));
                case LSTM -> lstm.add(name);
                case DENSE, TIME_DISTRIBUTED -> dense.add(name);
                case BATCH_NORM -> throw FileRefusal.of(layers.place(), "does not say where its layer " + name
                        + " comes; save the whole model, with model.save");
                default -> {
                    if (!WITHOUT_WEIGHTS.contains(className) && !DROPOUT.contains(className)) {
                        throw FileRefusal.of(layers.place(), "has a layer " + name + "; only Embedding, LSTM, Dense, "
                                + "Dropout and Activation layers are read");
                    }
                }
            }
        }
        // One of Dropout or an activation at each step is no Dense layer.
        dense.removeIf(name -> name.startsWith(TIME_DISTRIBUTED) && weights(layers, name).arrays().isEmpty());
        if (dense.stream().map(name -> name.startsWith(DENSE)).distinct().count() > 1) {
            throw FileRefusal.of(layers.place(), "does not say in which order its layers " + dense
                    + " come; save the whole model as .keras");
        }
        for (List<String> names : List.of(lstm, dense)) {
            names.sort(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
            names.forEach(name -> all.add(weights(layers, name).layer()));
        }
        layers.names().stream().filter(name -> DROPOUT.contains(name.replaceFirst("_\\d+$", "")))
                .forEach(name -> all.add(KerasLayer.LeftOut.unsaid(name)));
        return all;
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
