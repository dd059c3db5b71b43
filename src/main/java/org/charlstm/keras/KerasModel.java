package org.charlstm.keras;

import java.util.List;
import java.util.OptionalInt;
import org.charlstm.device.RecurrentActivation;

/**
 * What a Keras file holds, whatever generation wrote it: its layers on the host, in order.
 *
 * @param place               the file, for messages
 * @param generation          what wrote it, for example {@code Keras 1.2.1}
 * @param recurrentActivation what that generation's LSTM has unless a layer says otherwise
 * @param steps               T, if the file has an input shape that says it
 * @param layers              the layers; those that only shape are left out
 */
public record KerasModel(String place, String generation, RecurrentActivation recurrentActivation, OptionalInt steps,
        List<KerasLayer> layers) {
    /** Keeps the layers as they are. */
    public KerasModel {
        layers = List.copyOf(layers);
    }
}
