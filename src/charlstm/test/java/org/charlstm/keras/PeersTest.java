package org.charlstm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.Agreement;
import org.charlstm.InProcesses;
import org.charlstm.circle.SecondCircle;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.machine.Python;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other programs read the exports. */
@InProcesses
class PeersTest {
    private static final SavedModel MODEL = Exported.model(RecurrentActivation.SIGMOID);
    private static final SavedModel EVERY_KIND = Exported.everyKind(true);
    private static final SavedModel LAST = new SavedModel(MODEL.config().predicting(Prediction.LAST), MODEL.steps(),
            MODEL.vocabulary(), new Weights(MODEL.config().predicting(Prediction.LAST), MODEL.weights().tensors()));
    private static final int[] IDS = {5, 0, 1, 4, 3, 2, 6, 6, 0};

    @TempDir
    private Path folder;

    private JsonObject read(SavedModel model, ExportFormat format) throws IOException, InterruptedException {
        Path file = folder.resolve("exported");
        format.write(file, model);
        return JsonParser.parseString(Python.output("h5py", "hdf5_contents.py", file)).getAsJsonObject();
    }

    private static void assertArrays(SavedModel model, UnaryOperator<String> pathOf, JsonObject arrays) {
        assertEquals(model.weights().tensors().stream().map(tensor -> pathOf.apply(tensor.name()))
                .collect(Collectors.toSet()), arrays.keySet());
        for (Tensor tensor : model.weights().tensors()) {
            JsonObject array = arrays.getAsJsonObject(pathOf.apply(tensor.name()));
            assertEquals(tensor.shape(), array.getAsJsonArray("shape").asList().stream().map(JsonElement::getAsInt)
                    .toList(), tensor.name());
            assertEquals(tensor, new Tensor(tensor.name(), tensor.shape(), numbers(array.getAsJsonArray("values"))));
        }
    }

    private static double[] numbers(JsonArray array) {
        return array.asList().stream().mapToDouble(JsonElement::getAsDouble).toArray();
    }

    private static List<String> strings(JsonElement array) {
        return array.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
    }

    private static String inAWholeModel(String tensor) {
        String[] name = tensor.split("\\.", 0);
        return "model_weights/" + name[0] + "/" + name[0] + "/" + name[1] + ":0";
    }

    /** Groups are counted from nothing, and a recurrent layer's arrays are its cell's. */
    private static String inWeightsAlone(String tensor) {
        String[] name = tensor.split("\\.", 0);
        String kind = name[0].replaceFirst("_\\d+$", "");
        int number = Integer.parseInt(name[0].substring(kind.length() + 1)) - 1;
        List<String> parts = switch (kind) {
            case "lstm", "gru", "rnn" -> List.of("kernel", "recurrent_kernel", "bias");
            case "batch_normalization" -> List.of("gamma", "beta", "moving_mean", "moving_variance");
            default -> List.of(kind.equals("dense") ? "kernel" : "embeddings", "bias");
        };
        return "layers/" + kind.replace("rnn", "simple_rnn") + (number == 0 ? "" : "_" + number)
                + (parts.size() == 3 ? "/cell" : "") + "/vars/" + parts.indexOf(name[1]);
    }

    @Test
    @Needs(Need.H5PY)
    void h5pyReadsEveryKindOfLayer() throws IOException, InterruptedException {
        JsonObject contents = read(EVERY_KIND, ExportFormat.KERAS);
        assertArrays(EVERY_KIND, PeersTest::inAWholeModel, contents.getAsJsonObject("arrays"));
        JsonObject attributes = contents.getAsJsonObject("attributes");
        assertEquals(List.of("embedding_1", "lstm_1", "lstm_2", "lstm_3", "dense_1", "batch_normalization_1",
                "dense_2", "batch_normalization_2", "dense_3"),
                strings(attributes.getAsJsonObject("model_weights").get("layer_names")));
        String config = attributes.getAsJsonObject("").get("model_config").getAsString();
        for (String described : List.of("\"batch_input_shape\":[null,9],\"dtype\":\"int32\"",
                "{\"class_name\":\"Dropout\",\"config\":{\"name\":\"dropout_1\",\"rate\":0.25}}",
                "\"input_dim\":7,\"output_dim\":3,\"mask_zero\":false", "\"momentum\":0.9,\"epsilon\":0.01")) {
            assertTrue(config.contains(described), config);
        }
    }

    @Test
    @Needs(Need.H5PY)
    void h5pyReadsAWholeModel() throws IOException, InterruptedException {
        JsonObject contents = read(MODEL, ExportFormat.KERAS);
        assertArrays(MODEL, PeersTest::inAWholeModel, contents.getAsJsonObject("arrays"));
        JsonObject attributes = contents.getAsJsonObject("attributes");
        JsonObject group = attributes.getAsJsonObject("model_weights");
        assertEquals(List.of("lstm_1", "lstm_2", "dense_1", "dense_2", "dense_3"), strings(group.get("layer_names")));
        assertEquals(List.of("lstm_2/kernel:0", "lstm_2/recurrent_kernel:0", "lstm_2/bias:0"),
                strings(attributes.getAsJsonObject("model_weights/lstm_2").get("weight_names")));
        for (JsonObject versioned : List.of(group, attributes.getAsJsonObject(""))) {
            assertEquals("tensorflow", versioned.get("backend").getAsString());
            assertTrue(versioned.get("keras_version").getAsString().startsWith("2."));
        }
        assertEquals(3, attributes.getAsJsonObject("").size(), "nothing names the machine");
        JsonArray layers = JsonParser.parseString(attributes.getAsJsonObject("").get("model_config").getAsString())
                .getAsJsonObject().getAsJsonObject("config").getAsJsonArray("layers");
        assertEquals(List.of("InputLayer", "LSTM", "LSTM", "Dense", "Dense", "Dense"), layers.asList().stream()
                .map(layer -> layer.getAsJsonObject().get("class_name").getAsString()).toList());
        assertTrue(layers.toString().contains("\"batch_input_shape\":[null,9,7]"), layers.toString());
    }

    @Test
    @Needs(Need.H5PY)
    void h5pyReadsWeightsAlone() throws IOException, InterruptedException {
        for (SavedModel model : List.of(MODEL, EVERY_KIND,
                Exported.ofCells(RecurrentCell.forms().stream().toArray(RecurrentCell[]::new)))) {
            assertArrays(model, PeersTest::inWeightsAlone, read(model, ExportFormat.WEIGHTS).getAsJsonObject("arrays"));
        }
    }

    /**
     * Layers alike with nothing between them are one module, others are several. One process for all: to import PyTorch
     * takes seconds.
     */
    @Test
    @Needs(Need.TORCH)
    @SecondCircle("PyTorch itself; PyTorchReferenceTest has what it computed")
    void pyTorchComputesTheSameLogits() throws IOException, InterruptedException {
        Map<SavedModel, String> models = new LinkedHashMap<>();
        models.put(MODEL, "lstm:2 dense:tanh dense:relu dense:linear");
        models.put(EVERY_KIND, "embedding lstm:2 dropout:0.25 lstm:1 dense:tanh batch_normalization:0.01 dense:relu "
                + "batch_normalization:0.001 dense:linear");
        for (RecurrentCell.Named name : List.of(RecurrentCell.Named.GRU, RecurrentCell.Named.RNN,
                RecurrentCell.Named.RNN_RELU)) {
            RecurrentCell cell = name.with(RecurrentActivation.SIGMOID, true);
            String layers = cell.kind() + ":2 " + cell.kind() + ":1 dense:linear";
            models.put(Exported.ofCells(cell), layers);
            models.put(Exported.ofCells(RecurrentCell.Lstm.SIGMOID, cell), "lstm:2 lstm:1 " + layers);
        }
        List<String> words = new ArrayList<>();
        for (Map.Entry<SavedModel, String> each : models.entrySet()) {
            Path file = folder.resolve(words.size() + ".safetensors");
            ExportFormat.PYTORCH.write(file, each.getKey());
            words.add(file.toString());
            words.addAll(List.of(each.getValue().split(" ", -1)));
            words.add("--");
        }
        JsonArray logits = JsonParser.parseString(Python.output("torch", "torch_logits.py", Stream.concat(
                words.stream(), IntStream.of(IDS).boxed()).toArray())).getAsJsonArray();
        assertEquals(models.size(), logits.size());
        Iterator<JsonElement> computed = logits.iterator();
        models.forEach((model, layers) -> Agreement.require("logits of " + layers,
                Exported.logits(model.weights(), IDS), numbers(computed.next().getAsJsonArray()), 1e-5));
    }

    @Test
    @Needs(Need.KERAS)
    void kerasLoadsAllAndComputesTheSameProbabilities() throws IOException, InterruptedException {
        Path alone = folder.resolve("model.weights.h5");
        for (SavedModel model : List.of(MODEL, LAST, EVERY_KIND, Exported.ofCells(RecurrentCell.forms().stream()
                .filter(cell -> !cell.options().containsValue("hard_sigmoid")).toArray(RecurrentCell[]::new)))) {
            ExportFormat.WEIGHTS.write(alone, model);
            for (String name : List.of("model.h5", "model.keras")) {
                Path whole = folder.resolve(name);
                ExportFormat.of(whole).orElseThrow().write(whole, model);
                assertKerasAgrees(model, whole, alone);
            }
        }
    }

    private static void assertKerasAgrees(SavedModel model, Path whole, Path alone)
            throws IOException, InterruptedException {
        for (JsonElement each : JsonParser.parseString(Python.output("keras", "keras_peer.py", Stream.of(
                Stream.of("load", whole, alone, "--"), IntStream.of(IDS).boxed()).flatMap(part -> part).toArray()))
                .getAsJsonArray()) {
            Agreement.require("probabilities", Exported.probabilities(model.weights(), IDS),
                    numbers(each.getAsJsonArray()), 1e-5);
        }
    }
}
