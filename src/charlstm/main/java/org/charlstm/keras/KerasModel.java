package org.charlstm.keras;

import module java.base;
import org.charlstm.device.RecurrentActivation;

/**
 * The model of a Keras file: what wrote it, {@code Keras 1.2.1} for example, the default of that generation's gates, T
 * if an input shape gives it, and the layers in order, without those that only shape.
 */
@SuppressWarnings("exports") // The layers are for a KerasImport alone.
public record KerasModel(String place, String generation, RecurrentActivation recurrentActivation, OptionalInt steps,
        List<KerasLayer> layers) {
    /** Copies the layers. */
    public KerasModel {
        layers = List.copyOf(layers);
    }
}
