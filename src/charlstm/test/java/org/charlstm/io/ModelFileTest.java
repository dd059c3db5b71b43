package org.charlstm.io;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.format.Safetensors;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFileTest {
    private static final String CHARACTERS = "ab \"\\\u00E9\uD83D\uDE00\t<\u2028'";
    private static final int SYMBOLS = 13;
    /** One of them larger than any double holds. */
    private static final long[] COUNTS = {1, 0, (1L << 53) + 1, 3, 0, 0, 7, 1, 1, 1, 12};
    private static final int HIDDEN = 3;
    private static final int STEPS = 17;

    @TempDir
    private Path folder;

    private static SavedModel model(int dense) {
        return model(1, dense);
    }

    private static SavedModel model(int layers, int dense) {
        Weights weights = Initializer.keras(Models.of(SYMBOLS, HIDDEN, layers, dense), 4);
        return new SavedModel(weights.config(), STEPS, Vocabulary.ofCharacters(CHARACTERS), weights);
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 5", "3, 5"})
    void modelsRoundTrip(int layers, int dense) {
        Path file = folder.resolve("some.safetensors");
        SavedModel model = model(layers, dense);
        ModelFile.save(file, model);
        SavedModel loaded = ModelFile.load(file);
        assertEquals(model.config(), loaded.config());
        assertEquals(Prediction.ALL, loaded.config().prediction());
        assertEquals(STEPS, loaded.steps());
        assertEquals(CHARACTERS, loaded.vocabulary().characters());
        assertEquals(SYMBOLS, loaded.vocabulary().size());
        assertEquals(model.weights(), loaded.weights());
    }

    @Test
    void everyKindOfLayerRoundTrips() throws IOException {
        List<Layer> layers = new ArrayList<>(List.of(new EmbeddingLayer(4), new DropoutLayer(0.125)));
        Stream.of(RecurrentActivation.values())
                .forEach(gates -> layers.add(new RecurrentLayer(HIDDEN, new RecurrentCell.Lstm(gates))));
        Stream.of(Activation.values()).forEach(activation -> layers.add(new DenseLayer(4, activation)));
        layers.add(new BatchNormLayer(0.75, 0.25));
        assertEquals(Set.of(Layer.class.getPermittedSubclasses()),
                layers.stream().map(Object::getClass).collect(Collectors.toSet()), "a kind is missing from this test");
        layers.add(new DenseLayer(SYMBOLS - 2, Activation.LINEAR, true));
        ModelConfig config = new ModelConfig(SYMBOLS - 2, layers).predicting(Prediction.LAST).conditioned(3);
        SavedModel model = new SavedModel(config, STEPS, Vocabulary.withoutMarkers(CHARACTERS).counted(COUNTS),
                Initializer.keras(config, 4));
        Path file = folder.resolve("some.safetensors");
        ModelFile.save(file, model);
        SavedModel loaded = ModelFile.load(file);
        assertEquals(config, loaded.config());
        assertFalse(loaded.vocabulary().hasMarkers());
        assertEquals(CHARACTERS, loaded.vocabulary().characters());
        assertArrayEquals(COUNTS, loaded.vocabulary().counts());
        assertEquals(model.weights(), loaded.weights());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void savingAgainGivesTheSameBytes(int dense) throws IOException {
        Path first = folder.resolve("first.safetensors");
        Path second = folder.resolve("second.safetensors");
        ModelFile.save(first, model(dense));
        ModelFile.save(second, ModelFile.load(first));
        assertEquals(-1, Files.mismatch(first, second));
    }

    @Test
    void aRunsFolderStandsForTheModelInIt() {
        ModelFile.save(folder.resolve("model.safetensors"), model(5));
        assertEquals(model(5).weights(), ModelFile.load(folder).weights());
        assertEquals(model(5).weights(), ModelFile.loadTensors(folder).weights());
    }

    @Test
    void aFolderWithoutAModelAndAMissingFileAreRefused() {
        Path missing = folder.resolve("missing.safetensors");
        for (Path path : List.of(folder, missing)) {
            assertTrue(assertRefused(path.toString(), () -> ModelFile.load(path)).contains("does not exist"));
            assertTrue(assertRefused(path.toString(), () -> ModelFile.loadTensors(path)).contains("does not exist"));
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsRefused() {
        Path file = folder.resolve("missing/model.safetensors");
        assertRefused(file.toString(), () -> ModelFile.save(file, model(5)));
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 5", "3, 5"})
    void bareTensorsTellTheSizes(int layers, int dense) throws IOException {
        Path file = folder.resolve("bare.safetensors");
        Safetensors.write(file, model(layers, dense).weights().tensors(), Map.of());
        assertBare(file, model(layers, dense));
    }

    /** The names and the bias tell more; the usual gates and tanh are taken. */
    @ParameterizedTest
    @CsvSource({"GRU, true", "GRU, false", "RNN, true"})
    void bareTensorsTellTheCell(RecurrentCell.Named name, boolean resetAfter) {
        RecurrentLayer layer = new RecurrentLayer(3, name.with(RecurrentActivation.SIGMOID, resetAfter));
        ModelConfig config = ModelConfig.of(SYMBOLS, layer, layer);
        Weights weights = Initializer.keras(config, 4);
        Path file = folder.resolve("bare.safetensors");
        Safetensors.write(file, weights.tensors(), Map.of());
        assertBare(file, new SavedModel(config, STEPS, Vocabulary.ofCharacters(CHARACTERS), weights));
        Safetensors.write(file, Stream.concat(weights.tensors().stream(), Stream.of(weights.tensors().getFirst()
                .named("lstm_1.kernel"))).toList(), Map.of());
        assertTrue(assertRefused(file.toString(), () -> ModelFile.loadTensors(file)).contains("in which order"));
    }

    @Test
    void layersInAnyOrderRoundTrip() {
        ModelConfig config = ModelConfig.of(SYMBOLS, new RecurrentLayer(4), new DenseLayer(3, Activation.TANH),
                new RecurrentLayer(2, new RecurrentCell.Lstm(RecurrentActivation.HARD_SIGMOID)));
        Path file = folder.resolve("some.safetensors");
        ModelFile.save(file, new SavedModel(config, STEPS, Vocabulary.ofCharacters(CHARACTERS),
                Initializer.keras(config, 4)));
        assertEquals(config, ModelFile.load(file).config());
    }

    /** Other programs leave the metadata out and choose types and order. */
    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    void bareTensorsMayBeDoublesInAnyOrderWithoutMetadata(int dense) throws IOException {
        Path file = folder.resolve("bare.safetensors");
        StringBuilder header = new StringBuilder();
        ByteBuffer data = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (Tensor tensor : model(dense).weights().tensors().reversed()) {
            int begin = data.position();
            for (double value : tensor.values()) {
                data.putDouble(value);
            }
            header.append(header.isEmpty() ? '{' : ',').append(RawFile.json("'" + tensor.name() + "':{'dtype':'F64',"
                    + "'shape':" + tensor.shape() + ",'data_offsets':[" + begin + "," + data.position() + "]}"));
        }
        byte[] bytes = new byte[data.position()];
        data.flip().get(bytes);
        Files.write(file, RawFile.of(header + "}", bytes));
        assertBare(file, model(dense));
    }

    private static void assertBare(Path file, SavedModel expected) {
        SavedModel loaded = ModelFile.loadTensors(file);
        assertEquals(expected.config(), loaded.config());
        assertEquals(expected.weights(), loaded.weights());
        assertNull(loaded.vocabulary());
        assertEquals(0, loaded.steps());
        assertTrue(assertRefused(file.toString(), () -> ModelFile.load(file)).contains("without a vocabulary"));
    }
}
