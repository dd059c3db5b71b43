package org.charlstm.cli.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An Elman network with ReLU whose weights alone are in a file: tanh would give other sentences. */
class ReluWeightsTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;
    private static Path back;
    private static String alphabet;
    private static String sentences;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"), "--epochs", 2, "--device", "reference", "--cell", "rnn-relu");
        back = folder.resolve("back.safetensors");
        alphabet = ModelFile.load(model).requireVocabulary().characters();
        sentences = sampled(model);
    }

    private static String sampled(Path from) {
        return Tool.output("sample", from, "--count", 5, "--seed", 3, "--device", "reference");
    }

    private static String imported(Path file, Object... more) {
        return Tool.output(Tiny.with(new Object[] {"import", file, "--alphabet", alphabet, "--steps",
            ModelFile.load(model).steps(), "-o", back}, more));
    }

    @ParameterizedTest
    @ValueSource(strings = {"m.h5", "m.keras", "m.weights.h5", "m.safetensors"})
    void everyExportSaysIt(String name) {
        Path file = folder.resolve(name);
        Tool.output("export", model, "-o", file);
        for (Object[] asked : List.of(new Object[0], new Object[] {"--cell", "rnn-relu"})) {
            assertFalse(imported(file, asked).contains("activation tanh"));
            assertEquals(sentences, sampled(back));
        }
        for (String other : List.of("rnn", "gru")) {
            String refused = Refusal.of(Main.FAILED, folder, "import", file, "--alphabet", alphabet, "--cell", other,
                    "-o", folder.resolve("none"));
            assertTrue(refused.contains(other.equals("rnn") ? "has the activation relu; leave the cell rnn out"
                    : "is a SimpleRNN; leave the cell gru out"), refused);
        }
    }

    private static void assertAsked(Path silent) {
        assertTrue(imported(silent, "--cell", "rnn-relu").contains("activation            relu"));
        assertEquals(sentences, sampled(back));
        String output = imported(silent);
        assertTrue(output.contains("is taken to have the activation tanh: the file does not say it"), output);
        assertNotEquals(sentences, sampled(back));
        assertFalse(imported(silent, "--cell", "rnn").contains("activation tanh"));
    }

    @Test
    void weightsOfPyTorchsOwn() {
        Path exported = folder.resolve("torch.safetensors");
        Tool.output("export", model, "-o", exported);
        assertAsked(Tiny.changed(exported, folder.resolve("silent.safetensors"),
                header -> header.remove("__metadata__")));
    }

    @Test
    void weightsOfKerasOwn() {
        Path silent = folder.resolve("silent.weights.h5");
        try (WritableHdfFile file = HdfFile.write(silent)) {
            WritableGroup layers = file.putGroup("layers");
            List<Tensor> tensors = ModelFile.load(model).weights().tensors();
            put(layers.putGroup("simple_rnn").putGroup("cell").putGroup("vars"), tensors.subList(0, 3));
            put(layers.putGroup("dense").putGroup("vars"), tensors.subList(3, 5));
            put(layers.putGroup("dense_1").putGroup("vars"), tensors.subList(5, 7));
        }
        assertAsked(silent);
    }

    private static void put(WritableGroup group, List<Tensor> tensors) {
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            int columns = tensor.shape().getLast();
            float[][] rows = new float[tensor.values().length / columns][columns];
            for (int j = 0; j < tensor.values().length; j++) {
                rows[j / columns][j % columns] = (float) tensor.values()[j];
            }
            group.putDataset(Integer.toString(i), tensor.shape().size() == 1 ? rows[0] : rows);
        }
    }

    @Test
    void bareTensorsToStartFrom() {
        Path bare = Tiny.changed(model, folder.resolve("bare.safetensors"), header -> header.remove("__metadata__"));
        Path out = folder.resolve("from");
        Object[] line =
                {"train", text, "--init", bare, "--epochs", 0, "--device", "reference", "--force", "--out", out};
        Tool.output(Tiny.with(line, "--cell", "rnn-relu"));
        assertEquals(sentences, sampled(out));
        Tool silent = Tool.run(line);
        assertEquals(0, silent.code());
        assertTrue(
                silent.err().startsWith("charlstm: " + bare + " does not say whether its Elman layers have "
                        + "tanh or ReLU; tanh is taken; for ReLU begin from it by "),
                silent.err());
        assertTrue(silent.err().endsWith(" train TEXT --init " + bare + " --cell rnn-relu\n"), silent.err());
        assertNotEquals(sentences, sampled(out));
        Tool.output(Tiny.with(line, "--cell", "rnn"));
        assertNotEquals(sentences, sampled(out));
        Refusal.of(Main.USAGE, folder, Tiny.with(line, "--cell", "gru"));
    }
}
