package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.LstmLayer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --layers}: several LSTM layers from training to every command that reads a model, and what is refused. */
class LayersTest {
    @TempDir
    private Path folder;
    private Path text;

    @BeforeEach
    void writeText() {
        text = Tiny.text(folder);
    }

    @Test
    void everyCommandTakesAModelOfSeveralLayers() {
        Path out = folder.resolve("run");
        List<String> lines = Tool.output(Tiny.training(text, out, "--epochs", 2, "--layers", 3)).lines().toList();
        for (String layer : List.of("lstm_1 (LSTM)", "lstm_2 (LSTM)", "lstm_3 (LSTM)")) {
            assertEquals(1, lines.stream().filter(line -> line.startsWith(layer)).count(), layer);
        }
        assertEquals(3, ModelFile.load(out).config().layers(LstmLayer.class).size());
        assertEquals(4, Tool.output("sample", out, "--count", 4).lines().count());
        assertTrue(Tool.output("top", out).lines().count() > 1);
        Tool.output("eval", out, text);
        Tool.output("verify", out, text);
        Tool.output("train", text, "--init", out, "--layers", 3, "--epochs", 1, "--out", folder.resolve("further"));
    }

    @Test
    void everyCommandTakesAModelOfEveryKindOfLayer() {
        Path out = folder.resolve("run");
        Object[] options = {"--epochs", 2, "--batch-size", 8, "--hidden", "9,6", "--dense", "7,5", "--embedding", 5,
            "--tie-weights", "--dropout", 0.25, "--batch-norm", "--device", "cpu"};
        List<String> lines = Tool.output(Stream.concat(Stream.of("train", text, "--out", out), Stream.of(options))
                .toArray()).lines().toList();
        for (String layer : List.of("embedding_1 (Embedding)", "lstm_1 (LSTM)", "dropout_1 (Dropout 0.25)",
                "lstm_2 (LSTM)", "dropout_2 (Dropout 0.25)", "batch_normalization_2 (BatchNorm)")) {
            assertEquals(1, lines.stream().filter(line -> line.startsWith(layer)).count(), layer);
        }
        // V = 20: E 5 V + LSTM 9 (5 + 9 + 1) 4 + LSTM 6 (9 + 6 + 1) 4 + 6 7 + 7 + 7 5 + 5 + norms 4 (7 + 5) + bias V.
        assertTrue(lines.contains("Total parameters: 1,181"), lines::toString);
        assertTrue(lines.contains("Not trained: 24"), lines::toString);
        assertEquals(4, Tool.output("sample", out, "--count", 4).lines().count());
        assertTrue(Tool.output("top", out).lines().count() > 1);
        Tool.output("eval", out, text);
        Tool.output("verify", out, text);
        Tool.output("show", out);
        Tool.output("train", "--resume", out, "--epochs", 3);
        Object[] again = {"train", text, "--init", out, "--hidden", "9,6", "--dense", "7,5", "--embedding", 5,
            "--tie-weights", "--dropout", 0.25, "--batch-norm", "--epochs", 1, "--out", folder.resolve("further")};
        Tool.output(again);
        requireUsage(Tool.run("train", text, "--init", out, "--dropout", 0.5), "--dropout is 0.5 but " + out
                + " has 0.25; leave it out");
        requireUsage(Tool.run("train", text, "--init", out, "--hidden", "9,5"), "--hidden is 9,5 but " + out
                + " has 9,6; leave it out");
    }

    @Test
    void moreThanABufferHoldsIsAWrongUsage() {
        requireUsage(Tool.run("train", text, "--hidden", 8192, "--layers", 4),
                "--hidden, --layers, --dense: a model of 20 symbols and the layers 4 x lstm 8192, dense 128, "
                        + "dense 20 has over");
    }

    @Test
    void anotherNumberThanTheStartsIsAWrongUsage() {
        Path start = Tiny.train(text, folder.resolve("start"));
        requireUsage(Tool.run("train", text, "--init", start, "--layers", 2), "--layers is 2 but " + start + " has 1");
    }

    private static void requireUsage(Tool tool, String message) {
        assertEquals(2, tool.code(), tool.toString());
        assertTrue(tool.err().startsWith("charlstm: " + message), tool.err());
        assertEquals("", tool.out());
    }
}
