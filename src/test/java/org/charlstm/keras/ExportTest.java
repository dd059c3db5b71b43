package org.charlstm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Models;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is exported is imported bit by bit. */
class ExportTest {
    @TempDir
    private Path folder;

    @Test
    void aWholeModelComesBack() {
        SavedModel model = Exported.model(RecurrentActivation.HARD_SIGMOID);
        Path file = folder.resolve("model.h5");
        ExportFormat.KERAS.write(file, model);
        KerasModel read = KerasFile.read(file);
        assertEquals(OptionalInt.of(model.steps()), read.steps());
        KerasImport imported = KerasImport.of(read, Optional.empty());
        assertEquals(model.weights(), imported.weights());
        assertEquals(List.of(), imported.assumptions());
    }

    @Test
    void weightsAloneComeBackWithWhatTheyDoNotSay() {
        Weights weights = Initializer.keras(Models.of(7, 4, 3, RecurrentActivation.HARD_SIGMOID,
                List.of(new DenseLayer(6, Activation.RELU))), 1);
        Path file = folder.resolve("model.weights.h5");
        ExportFormat.WEIGHTS.write(file, new SavedModel(weights.config(), 9, Vocabulary.ofCharacters("abcde"),
                weights));
        KerasImport imported = KerasImport.of(KerasFile.read(file), Optional.of(RecurrentActivation.HARD_SIGMOID));
        assertEquals(weights, imported.weights());
        assertEquals(2, imported.assumptions().size(), imported.assumptions().toString());
    }
}
