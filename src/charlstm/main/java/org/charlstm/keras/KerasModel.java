package org.charlstm.keras;

import module java.base;
import org.charlstm.device.RecurrentActivation;

/**
 * The model of a Keras file. {@code generation} is the writer, for example {@code Keras 1.2.1};
 * {@code recurrentActivation} is its default for gates. {@code steps} is T, if an input shape gives it. The layers are
 * in order, without layers that only change the shape.
 */
@SuppressWarnings("exports") // Only KerasImport uses the layers.
public record KerasModel(String place, String generation, RecurrentActivation recurrentActivation, OptionalInt steps,
        List<KerasLayer> layers) {
    /** Copies the layers. */
    public KerasModel {
        layers = List.copyOf(layers);
    }
}
