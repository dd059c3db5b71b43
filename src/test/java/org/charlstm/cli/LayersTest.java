package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.LstmLayer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "0 | --layers is 0; it must be at least 1",
        "65 | --hidden, --layers, --dense: a model of 65 LSTM layers; there must be from 1 to 64",
        "two | Invalid value for option '--layers': 'two' is not an int"})
    void aWrongNumberIsAWrongUsage(String number, String message) {
        requireUsage(Tool.run(Tiny.training(text, folder.resolve("run"), "--layers", number)), message);
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
