package org.charlstm.keras;

import java.util.List;
import java.util.OptionalInt;
import org.charlstm.device.RecurrentActivation;

/**
 * The model of a Keras file.
 *
 * @param place               the file, for messages
 * @param generation          what wrote it, for example {@code Keras 1.2.1}
 * @param recurrentActivation the default of that generation's gates
 * @param steps               T, if an input shape gives it
 * @param layers              in order, without those that only shape
 */
@SuppressWarnings("exports") // The layers are for a KerasImport alone.
public record KerasModel(String place, String generation, RecurrentActivation recurrentActivation, OptionalInt steps,
        List<KerasLayer> layers) {
    /** Copies the layers. */
    public KerasModel {
        layers = List.copyOf(layers);
    }
}
