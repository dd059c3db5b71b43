package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.Safetensors;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exported models are imported with the same bits. */
class ExportTest {
    @TempDir
    private Path folder;

    @Test
    void wholeModelsRoundTrip() {
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
    void lastStepModelsRoundTrip() {
        SavedModel all = Exported.everyKind(false);
        ModelConfig config = all.config().predicting(Prediction.LAST);
        Weights weights = new Weights(config, all.weights().tensors());
        Path file = folder.resolve("model.h5");
        for (ExportFormat format : List.of(ExportFormat.KERAS, ExportFormat.KERAS3)) {
            format.write(file, new SavedModel(config, 9, all.vocabulary(), weights));
            assertEquals(weights, KerasImport.of(KerasFile.read(file), Optional.empty()).weights());
        }
        ExportFormat.PYTORCH.write(file, new SavedModel(config, 9, all.vocabulary(), weights));
        assertEquals("last", Safetensors.readHeader(file).metadata().get("predict"));
        ExportFormat.PYTORCH.write(file, all);
        assertEquals(Map.of("format", "pt"), Safetensors.readHeader(file).metadata());
    }

    /** A tied kernel comes back as one of its own. */
    @ParameterizedTest
    @CsvSource({"true,KERAS", "false,KERAS", "true,KERAS3", "false,KERAS3"})
    void everyKindOfLayerRoundTrips(boolean tied, ExportFormat format) {
        SavedModel model = Exported.everyKind(tied);
        Path file = folder.resolve("model");
        format.write(file, model);
        KerasModel read = KerasFile.read(file);
        assertEquals(OptionalInt.of(model.steps()), read.steps());
        KerasImport imported = KerasImport.of(read, Optional.empty());
        assertEquals(new Weights(Exported.everyKind(false).config(), model.weights().tensors()), imported.weights());
        assertEquals(List.of(), imported.assumptions());
    }

    @Test
    void archivesNameTheirVersionAndRefuseHardSigmoid() throws IOException {
        Path file = folder.resolve("model.keras");
        ExportFormat.KERAS3.write(file, Exported.model(RecurrentActivation.SIGMOID));
        byte[] first = Files.readAllBytes(file);
        assertEquals("Keras 3.0.0", KerasFile.read(file).generation());
        assertTrue(assertRefused("Keras 3", () -> ExportFormat.KERAS3.write(file,
                Exported.model(RecurrentActivation.HARD_SIGMOID))).contains("export it as HDF5"));
        ExportFormat.KERAS3.write(file, Exported.model(RecurrentActivation.SIGMOID));
        assertArrayEquals(first, Files.readAllBytes(file));
    }

    @Test
    void weightsAloneRoundTripWithAssumptions() {
        RecurrentActivation gates = RecurrentActivation.HARD_SIGMOID;
        Weights weights = Initializer
                .keras(ModelConfig.of(7, new EmbeddingLayer(2), new RecurrentLayer(4, new RecurrentCell.Lstm(gates)),
                        new RecurrentLayer(3, new RecurrentCell.Lstm(gates)),
                        new RecurrentLayer(5, new RecurrentCell.Lstm(gates)), new DenseLayer(6, Activation.RELU)), 1);
        Path file = folder.resolve("model.weights.h5");
        ExportFormat.WEIGHTS.write(file, new SavedModel(weights.config(), 9, Vocabulary.ofCharacters("abcde"),
                weights));
        KerasImport imported = KerasImport.of(KerasFile.read(file), Optional.of(RecurrentActivation.HARD_SIGMOID));
        assertEquals(weights, imported.weights());
        assertEquals(4, imported.assumptions().size(), imported.assumptions().toString());
        ExportFormat.WEIGHTS.write(file, Exported.everyKind(false));
        assertTrue(assertRefused(file.toString(), () -> KerasFile.read(file))
                .contains("where its layer batch_normalization"));
    }
}
