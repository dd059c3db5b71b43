package org.charlstm.keras;

import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.text.Vocabulary;

/** A small model with several layers of each kind. */
final class Exported {
    private Exported() {
    }

    static SavedModel model(RecurrentActivation recurrentActivation) {
        ModelConfig config = Models.of(7, 4, 2, recurrentActivation, List.of(
                new DenseLayer(5, Activation.TANH), new DenseLayer(6, Activation.RELU)));
        return new SavedModel(config, 9, Vocabulary.ofCharacters("abcde"), Initializer.keras(config, 1));
    }
}
