package org.charlstm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the predictions of real files with those of Keras itself, or of float64 arithmetic on the same file. */
class KerasNumbersTest {
    private static final double TOLERANCE = 1e-5;

    private static Tensor array(Path file, String path) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return Hdf5.read(file.toString(), channel, root -> root.array(path));
        }
    }

    private static void assertNear(Tensor expected, int row, double[] actual) {
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(expected.values()[row * actual.length + i] - actual[i]);
            assertTrue(difference <= TOLERANCE, expected.name() + " " + row + ": off by " + difference);
        }
    }

    /** One model by each backend, as a whole and as weights alone. */
    @ParameterizedTest
    @CsvSource({"tf,model", "tf,weights", "th,model", "th,weights"})
    @Needs(data = "keras")
    void keras1Predictions(String backend, String kind) throws IOException {
        String name = "keras/dl4j_simple_lstm_" + backend + "_keras_1_";
        Path file = TestData.file(name + kind + ".h5");
        Path computed = TestData.file(name + "inputs_and_outputs.h5");
        KerasModel model = KerasFile.read(file);
        assertEquals(RecurrentActivation.HARD_SIGMOID, model.recurrentActivation());
        PlainLstm plain = new PlainLstm(model);
        Tensor inputs = array(computed, "inputs/lstm_input_1");
        Tensor activations = array(computed, "activations/lstm_1");
        Tensor predictions = array(computed, "predictions/dense_1");
        assertEquals(100, inputs.values().length);
        for (int row = 0; row < inputs.values().length; row++) {
            List<double[]> sequence = List.of(new double[] {inputs.values()[row]});
            assertNear(activations, row, plain.lstm(sequence));
            assertNear(predictions, row, plain.logits(sequence));
        }
    }

    @Test
    @Needs(data = {"keras", "sonnets.txt", "tinyshakespeare.txt"})
    void predictionsOfRealModels() throws IOException {
        String golden = Files.readString(TestData.file("keras/golden.json"));
        for (JsonElement element : JsonParser.parseString(golden).getAsJsonArray()) {
            JsonObject expected = element.getAsJsonObject();
            String text = Files.readString(TestData.file(expected.get("text").getAsString()),
                    Charset.forName(expected.get("decode").getAsString().replaceFirst(" .*", "")));
            String alphabet = expected.get("alphabet").getAsString();
            KerasModel model = KerasFile.read(TestData.file("keras/" + expected.get("model").getAsString()));
            assertEquals(expected.get("T").getAsInt(), model.steps().orElseThrow());
            boolean lowerCase = expected.get("post").getAsString().contains("lower");
            String learned = lowerCase ? text.toLowerCase(Locale.ROOT) : text;
            List<double[]> window = learned.substring(0, model.steps().getAsInt()).chars().mapToObj(c -> {
                double[] oneHot = new double[alphabet.length()];
                oneHot[alphabet.indexOf(c)] = 1;
                return oneHot;
            }).toList();
            double[] logits = new PlainLstm(model).logits(window);
            double sum = Arrays.stream(logits).map(Math::exp).sum();
            List<JsonElement> probabilities = expected.getAsJsonArray("first_window_probs").asList();
            assertEquals(logits.length, probabilities.size());
            for (int i = 0; i < logits.length; i++) {
                assertEquals(probabilities.get(i).getAsDouble(), Math.exp(logits[i]) / sum, TOLERANCE);
            }
        }
    }

    /** Made by keras_peer.py: a layer of every kind, in the layouts of Keras 3. */
    @ParameterizedTest
    @ValueSource(strings = {"every_kind.keras", "every_kind.h5"})
    void keras3Predictions(String name) throws IOException {
        Path folder = Path.of("src", "charlstm", "test", "resources", "keras");
        KerasImport imported = KerasImport.of(KerasFile.read(folder.resolve(name)), Optional.empty());
        JsonObject computed = JsonParser.parseString(Files.readString(folder.resolve("probabilities.json")))
                .getAsJsonObject();
        int[] ids = computed.getAsJsonArray("ids").asList().stream().mapToInt(JsonElement::getAsInt).toArray();
        Agreement.require(name, Exported.probabilities(imported.weights(), ids),
                computed.getAsJsonArray("probabilities").asList().stream().mapToDouble(JsonElement::getAsDouble)
                        .toArray(),
                TOLERANCE);
        assertEquals(ModelConfig.of(7, new EmbeddingLayer(3), new RecurrentLayer(4), new DropoutLayer(0.25),
                new RecurrentLayer(3), new DenseLayer(5, Activation.RELU), new DropoutLayer(0.125),
                new BatchNormLayer(0.9, 0.01),
                new DenseLayer(4, Activation.TANH), BatchNormLayer.KERAS), imported.weights().config());
        assertEquals(List.of("the layer spatial_dropout1d is left out: it drops whole columns",
                "the layer dropout_2 is left out: charlstm drops neither input nor logits"), imported.assumptions());
    }

    @Test
    @Needs(data = "keras")
    void keras3WeightsEqualThoseOfTheArchive() {
        KerasModel archive = KerasFile.read(TestData.file("keras/k3.9.2_charlstm_shakespeare.keras"));
        KerasModel alone = KerasFile.read(TestData.file("keras/k3.9.2_charlstm_shakespeare.weights.h5"));
        assertEquals(new KerasLayer.Dense(Optional.of("softmax")), archive.layers().getLast().kind());
        assertEquals(archive.layers().getLast().arrays(), alone.layers().getLast().arrays());
        assertEquals(archive.layers().getFirst().arrays(), alone.layers().getFirst().arrays());
    }
}
