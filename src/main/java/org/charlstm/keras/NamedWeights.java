package org.charlstm.keras;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.nn.Tensor;

/**
 * Weights under names: {@code layer_names} of the root and {@code weight_names} of each layer's group, as Keras 1 to 3
 * write them; before them {@code nb_layers}, {@code layer_k} and {@code param_p}.
 */
final class NamedWeights {
    private static final String LAYERS = "layer_names";
    private static final String WEIGHTS = "weight_names";
    private static final String OLD_LAYERS = "nb_layers";
    private static final String OLD_WEIGHTS = "nb_params";

    private NamedWeights() {
    }

    static boolean isIn(Hdf5Group group) {
        return group.has(LAYERS) || group.has(LAYERS + "0") || isOld(group);
    }

    /** Whether layers have no names, only numbers. */
    static boolean isOld(Hdf5Group group) {
        return group.has(OLD_LAYERS);
    }

    /** The arrays of every layer, in order. */
    static List<LayerArrays> read(Hdf5Group group) {
        List<LayerArrays> layers = new ArrayList<>();
        if (isOld(group)) {
            for (int k = 0; k < group.whole(OLD_LAYERS); k++) {
                Hdf5Group layer = below(group, "layer_" + k);
                List<Tensor> arrays = new ArrayList<>();
                for (int p = 0; p < layer.whole(OLD_WEIGHTS); p++) {
                    arrays.add(layer.array("param_" + p));
                }
                layers.add(new LayerArrays(group.place(), "layer_" + k, arrays));
            }
        } else {
            for (String name : group.texts(LAYERS)) {
                Hdf5Group layer = below(group, name);
                layers.add(new LayerArrays(group.place(), name,
                        layer.texts(WEIGHTS).stream().map(layer::array).toList()));
            }
        }
        return layers;
    }

    private static Hdf5Group below(Hdf5Group group, String name) {
        return group.group(name).orElseThrow(() -> FileRefusal.of(group.place(), "names a layer " + name
                + " and holds no group of it"));
    }
}
