package org.charlstm.keras;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
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
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights with the names of an export for PyTorch. {@link ExportTest} has the round trips of all cells. */
class PyTorchImportTest {
    @TempDir
    private Path folder;

    private Map<String, Tensor> exported(SavedModel model) {
        ExportFormat.PYTORCH.write(folder.resolve("exported.safetensors"), model);
        return new LinkedHashMap<>(Safetensors.read(folder.resolve("exported.safetensors")).tensors());
    }

    private KerasImport imported(Map<String, Tensor> tensors) {
        Path file = folder.resolve("weights.safetensors");
        Safetensors.write(file, tensors.entrySet().stream().map(each -> each.getValue().named(each.getKey()))
                .sorted((one, other) -> one.name().compareTo(other.name())).toList(), Map.of());
        return KerasImport.of(KerasFile.read(file), Optional.empty());
    }

    private static SavedModel model(Prediction prediction) {
        ModelConfig config = ModelConfig.of(7, new EmbeddingLayer(2), new RecurrentLayer(4), new RecurrentLayer(4),
                new RecurrentLayer(3), new DenseLayer(5, Activation.RELU)).predicting(prediction);
        return new SavedModel(config, 9, Vocabulary.ofCharacters("abcde"), Exported.withBatchNorm(
                Initializer.keras(config, 1)));
    }

    @Test
    void layersOfAllKindsThatHaveAnOrder() {
        for (Prediction prediction : Prediction.values()) {
            SavedModel model = model(prediction);
            exported(model);
            KerasModel read = KerasFile.read(folder.resolve("exported.safetensors"));
            KerasImport imported = KerasImport.of(read, Optional.empty());
            assertEquals(model.weights(), imported.weights());
            assertEquals("PyTorch", read.generation());
            assertEquals(prediction == Prediction.ALL ? 3 : 2, imported.assumptions().size(),
                    imported.assumptions().toString());
        }
    }

    /** Training moves both biases. */
    @Test
    void bothBiasesOfAnLstmAreSummedAndThoseOfAGruAreKept() {
        Map<String, Tensor> tensors = exported(model(Prediction.ALL));
        tensors.get("lstm_1.bias_hh_l1").values()[5] = 0.25;
        Weights expected = model(Prediction.ALL).weights();
        expected.get("lstm_2.bias").values()[5] += 0.25;
        assertEquals(expected, imported(tensors).weights());
        SavedModel gru = Exported.ofCells(RecurrentCell.Gru.RESET_AFTER);
        assertEquals(gru.weights(), imported(exported(gru)).weights());
    }

    @Test
    void gatesOfAGruLieAsInPyTorch() {
        SavedModel gru = Exported.ofCells(RecurrentCell.Gru.RESET_AFTER);
        double[] zrh = gru.weights().get("gru_1.bias").values();
        double[] rzn = exported(gru).get("gru_1.bias_ih_l0").values();
        for (int unit = 0; unit < 4; unit++) {
            assertArrayEquals(new double[] {zrh[4 + unit], zrh[unit], zrh[8 + unit]},
                    new double[] {rzn[unit], rzn[4 + unit], rzn[8 + unit]});
        }
    }

    /** The nonlinearity is in the metadata, which other writers leave out. */
    @Test
    void onlyTheMetadataTellsAReluFromATanh() {
        SavedModel relu = Exported.ofCells(new RecurrentCell.Elman(Activation.RELU));
        Map<String, Tensor> tensors = exported(relu);
        assertEquals(relu.weights(), KerasImport.of(KerasFile.read(folder.resolve("exported.safetensors")),
                Optional.empty()).weights());
        KerasImport silent = imported(tensors);
        assertEquals(List.of(new RecurrentCell.Elman(Activation.TANH)), silent.weights().config().cells());
        assertTrue(silent.assumptions().contains(
                "the layer rnn_1_l0 is taken to have the activation tanh: the file does not say it"),
                silent.assumptions().toString());
        Path file = folder.resolve("odd.safetensors");
        Safetensors.write(file, List.copyOf(tensors.values()), Map.of("rnn_1.nonlinearity", "selu"));
        assertTrue(assertRefused(file.toString(), () -> KerasImport.of(KerasFile.read(file), Optional.empty()))
                .contains("selu"));
    }

    /** Modules as people name them: what they are shows in their shapes, and their order in numbers or in widths. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"embedding>emb,lstm_1>rnn1,lstm_2>rnn2,dense_1>fc,dense_2>decoder",
        "embedding>m.encoder,lstm_1>m.layers.0,lstm_2>m.layers.1,dense_1>m.head.0,dense_2>m.head.3",
        "embedding>e.table,lstm_1>lstm1,lstm_2>lstm2,dense_1>out,dense_2>fc"})
    void usualNames(String names) {
        SavedModel model = model(Prediction.ALL);
        Map<String, Tensor> usual = new LinkedHashMap<>();
        exported(model).forEach((name, tensor) -> {
            for (String each : names.split(",", -1)) {
                String[] both = each.split(">", -1);
                if (name.startsWith(both[0] + ".")) {
                    usual.put(both[1] + name.substring(both[0].length()), tensor);
                }
            }
        });
        assertEquals(model.weights(), imported(usual).weights());
    }

    @Test
    void aModuleNamedRnnIsTheCellThatItsGatesTell() {
        for (RecurrentCell cell : List.of(RecurrentCell.Gru.RESET_AFTER, RecurrentCell.Lstm.SIGMOID)) {
            ModelConfig config = ModelConfig.of(7, new RecurrentLayer(4, cell), new RecurrentLayer(4, cell));
            SavedModel model =
                    new SavedModel(config, 9, Vocabulary.ofCharacters("abcde"), Initializer.keras(config, 1));
            for (String module : List.of("rnn.", "model.encoder.", "")) {
                Map<String, Tensor> usual = new LinkedHashMap<>();
                exported(model).forEach((name, tensor) -> usual.put(name.replace(cell.kind() + ".", module)
                        .replace("dense_1", "linear"), tensor));
                assertEquals(model.weights(), imported(usual).weights());
            }
        }
    }

    @Test
    void linearModulesWhoseWidthsDoNotTellAreToBeNamed() {
        ModelConfig config = ModelConfig.of(7, new RecurrentLayer(7), new DenseLayer(7, Activation.RELU));
        Map<String, Tensor> usual = new LinkedHashMap<>();
        exported(new SavedModel(config, 9, Vocabulary.ofCharacters("abcde"), Initializer.keras(config, 1)))
                .forEach((name, tensor) -> usual.put(name.replace("dense_1", "a").replace("dense_2", "b"), tensor));
        assertTrue(
                assertRefused("weights", () -> imported(usual)).contains("in which order its modules [a, b] come, and "
                        + "their widths do not tell; name them from below dense_1, dense_2 and so on"));
        usual.put("lstm.weight_ih_l0_reverse", usual.get("lstm.weight_ih_l0"));
        usual.keySet().removeIf(name -> name.startsWith("b."));
        assertTrue(assertRefused("weights", () -> imported(usual)).contains("of a bidirectional module"));
    }

    @Test
    void modelsWithoutAnOrderAreRefused() {
        assertTrue(assertRefused("weights", () -> imported(exported(Exported.everyKind(false))))
                .contains("a tensor batch_normalization_1"));
        assertTrue(assertRefused("weights", () -> imported(exported(Exported.ofCells(RecurrentCell.Lstm.SIGMOID,
                RecurrentCell.Gru.RESET_AFTER)))).contains("in which order its modules [gru, lstm] come"));
        exported(model(Prediction.ALL));
        assertTrue(assertRefused("exported", () -> KerasImport.of(
                KerasFile.read(folder.resolve("exported.safetensors")), Optional.of(RecurrentActivation.HARD_SIGMOID)))
                .contains("sigmoid, not hard_sigmoid"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"lstm_1.weight_ih_l0;[16];layer lstm_1_l0",
        "lstm_1.weight_ih_l0;[12, 2];layer lstm_1_l0", "lstm_1.weight_hh_l0;[4, 4];layer lstm_1_l0",
        "lstm_1.weight_hh_l1;[];layer lstm_1_l1", "lstm_2.weight_hh_l0;[0, 0];layer lstm_2_l0",
        "lstm_1.bias_ih_l0;[4, 4];layer lstm_1_l0", "lstm_2.bias_hh_l0;[16];layer lstm_2_l0",
        "lstm_2.bias_hh_l0;;no tensor lstm_2.bias_hh_l0", "dense_1.bias;;no tensor dense_1.bias",
        "dense_1.weight;[15];layer dense_1", "dense_1.bias;[4];layer dense_1", "embedding.weight;[14];layer embedding",
        "lstm_1.weight_ih_l0_reverse;[1];a tensor lstm_1.weight_ih_l0_reverse",
        "dense_4.bias;[1];a tensor dense_4.bias",
        "condition.weight;[1, 1];a tensor condition.weight"})
    void tensorsThatDoNotFit(String name, String shape, String said) {
        Map<String, Tensor> tensors = exported(model(Prediction.ALL));
        tensors.remove(name);
        if (shape != null) {
            List<Integer> sizes = JsonParser.parseString(shape).getAsJsonArray().asList().stream()
                    .map(JsonElement::getAsInt).toList();
            tensors.put(name, new Tensor(name, sizes, new double[(int) Tensor.size(sizes)]));
        }
        String message = assertRefused("weights", () -> imported(tensors));
        assertTrue(message.contains(said), message);
    }

    @Test
    void otherSafetensors() {
        assertTrue(assertRefused("weights", () -> imported(Map.of("lstm_1.kernel", new Tensor("a", List.of(1),
                new double[1])))).contains("needs no import"));
    }
}
