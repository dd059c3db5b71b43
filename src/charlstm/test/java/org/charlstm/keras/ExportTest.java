package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.HdfFile;
import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.charlstm.io.format.Safetensors;
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
import org.junit.jupiter.params.provider.MethodSource;

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

    private static Stream<RecurrentCell> cells() {
        return RecurrentCell.forms().stream();
    }

    /** A format that cannot hold a form of a cell says so. */
    @ParameterizedTest
    @MethodSource("cells")
    void everyCellRoundTrips(RecurrentCell cell) {
        SavedModel model = Exported.ofCells(cell);
        boolean hard = cell.options().containsValue("hard_sigmoid");
        Optional<RecurrentActivation> asked = hard ? Optional.of(RecurrentActivation.HARD_SIGMOID) : Optional.empty();
        for (ExportFormat format : ExportFormat.values()) {
            Path file = folder.resolve("model");
            if ((format == ExportFormat.KERAS3 && hard) || (format == ExportFormat.PYTORCH
                    && (hard || "false".equals(cell.options().get(RecurrentCell.RESET))))) {
                assertRefused("export it", () -> format.write(file, model));
            } else {
                format.write(file, model);
                KerasImport imported = KerasImport.of(KerasFile.read(file), asked);
                assertEquals(model.weights(), imported.weights());
                boolean whole = format == ExportFormat.KERAS || format == ExportFormat.KERAS3;
                assertEquals(whole, imported.assumptions().isEmpty(), imported.assumptions().toString());
            }
        }
    }

    @Test
    void everyCellRoundTripsInOneModel() {
        SavedModel model = Exported.ofCells(cells().toArray(RecurrentCell[]::new));
        Path file = folder.resolve("model.h5");
        ExportFormat.KERAS.write(file, model);
        assertEquals(model.weights(), KerasImport.of(KerasFile.read(file), Optional.empty()).weights());
        ExportFormat.WEIGHTS.write(file, model);
        assertTrue(assertRefused(file.toString(), () -> KerasFile.read(file)).contains("does not say in which order"));
    }

    /** Python takes any string but an empty one for true. */
    @Test
    void resetAfterIsNoString() {
        String config = KerasConfigWriter.ofKeras2(Exported.ofCells(RecurrentCell.Gru.RESET_AFTER));
        assertTrue(config.contains("\"reset_after\":true"), config);
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
        RecurrentCell hard = new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID);
        Weights weights = Initializer.keras(ModelConfig.of(7, new EmbeddingLayer(2), new RecurrentLayer(4, hard),
                new RecurrentLayer(3, hard), new RecurrentLayer(5, hard), new DenseLayer(6, Activation.RELU)), 1);
        Path file = folder.resolve("model.weights.h5");
        ExportFormat.WEIGHTS.write(file, new SavedModel(weights.config(), 9, Vocabulary.ofCharacters("abcde"),
                weights));
        KerasImport imported = KerasImport.of(KerasFile.read(file), Optional.of(RecurrentActivation.HARD_SIGMOID));
        assertEquals(weights, imported.weights());
        assertEquals(4, imported.assumptions().size(), imported.assumptions().toString());
        try (HdfFile hdf5 = new HdfFile(file)) {
            assertEquals(List.of(2, 16), Arrays.stream(hdf5.getDatasetByPath("layers/lstm/cell/vars/0").getDimensions())
                    .boxed().toList());
        }
        ExportFormat.WEIGHTS.write(file, Exported.everyKind(false));
        assertTrue(assertRefused(file.toString(), () -> KerasFile.read(file))
                .contains("where its layer batch_normalization"));
    }
}
