package org.charlstm.keras;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.Agreement;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Ints;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports as other programs read them. */
class PeersTest {
    private static final SavedModel MODEL = Exported.model(RecurrentActivation.SIGMOID);

    @TempDir
    private Path folder;

    private JsonObject read(ExportFormat format) throws IOException, InterruptedException {
        Path file = folder.resolve("exported");
        format.write(file, MODEL);
        return JsonParser.parseString(Python.output("h5py", "hdf5_contents.py", file)).getAsJsonObject();
    }

    private static void assertArrays(Map<String, String> namesByPath, JsonObject arrays) {
        assertEquals(namesByPath.keySet(), arrays.keySet());
        namesByPath.forEach((path, name) -> {
            Tensor tensor = MODEL.weights().get(name);
            JsonObject array = arrays.getAsJsonObject(path);
            assertEquals(tensor.shape(), array.getAsJsonArray("shape").asList().stream().map(JsonElement::getAsInt)
                    .toList(), path);
            assertEquals(tensor, new Tensor(name, tensor.shape(), numbers(array.getAsJsonArray("values"))), path);
        });
    }

    private static double[] numbers(JsonArray array) {
        return array.asList().stream().mapToDouble(JsonElement::getAsDouble).toArray();
    }

    private static List<String> strings(JsonElement array) {
        return array.getAsJsonArray().asList().stream().map(JsonElement::getAsString).toList();
    }

    @Test
    void h5pyReadsAWholeModel() throws IOException, InterruptedException {
        JsonObject contents = read(ExportFormat.KERAS);
        Map<String, String> expected = new LinkedHashMap<>();
        MODEL.config().tensors().forEach(spec -> {
            String[] name = spec.name().split("\\.", 0);
            expected.put("model_weights/" + name[0] + "/" + name[0] + "/" + name[1] + ":0", spec.name());
        });
        assertArrays(expected, contents.getAsJsonObject("arrays"));
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
    void h5pyReadsWeightsAlone() throws IOException, InterruptedException {
        Map<String, String> expected = new LinkedHashMap<>();
        List<String> parts = List.of("kernel", "recurrent_kernel", "bias");
        for (int layer = 1; layer <= 2; layer++) {
            for (int i = 0; i < 3; i++) {
                expected.put("layers/lstm" + (layer == 1 ? "" : "_1") + "/cell/vars/" + i,
                        "lstm_" + layer + "." + parts.get(i));
            }
        }
        for (int layer = 1; layer <= 3; layer++) {
            for (int i = 0; i < 2; i++) {
                expected.put("layers/dense" + (layer == 1 ? "" : "_" + (layer - 1)) + "/vars/" + i,
                        "dense_" + layer + "." + parts.get(2 * i));
            }
        }
        assertArrays(expected, read(ExportFormat.WEIGHTS).getAsJsonObject("arrays"));
    }

    @Test
    void pyTorchComputesTheSameLogits() throws IOException, InterruptedException {
        Path file = folder.resolve("exported.safetensors");
        ExportFormat.PYTORCH.write(file, MODEL);
        int[] ids = {5, 0, 1, 4, 3, 2, 6, 6, 0};
        String output = Python.output("torch", "torch_logits.py", Stream.of(
                Stream.of(file, MODEL.config().layers(LstmLayer.class).size()),
                MODEL.config().layers(DenseLayer.class).stream().map(one -> one.activation().title()),
                Stream.of("--"), IntStream.of(ids).boxed()).flatMap(part -> part).toArray());
        try (Device device = Devices.open("reference", DeviceOptions.DEFAULT);
                Model model = new Model(device, MODEL.weights())) {
            Network network = new Network(model, device.memory(), ids.length, 1, false);
            Ints inputs = device.memory().ints(ids.length);
            inputs.write(ids);
            network.forward(inputs, null);
            Agreement.require("logits", network.logits().read(),
                    numbers(JsonParser.parseString(output).getAsJsonArray()), 1e-5);
        }
    }
}
