package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.nn.Prediction;
import org.charlstm.sample.Predictor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --predict last} and {@code --stride}: a model as Keras' example has it, from training to every command. */
class LastStepCommandsTest {
    private static final int WINDOW = 6;
    private static final String CONTENT = "the cat\nand the dog\n\n".repeat(20);

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path run;
    /** Of the best epoch, which is the last. */
    private static Path model;
    private static String printed;

    private static Object[] training(Path out, Object... more) {
        return Stream.concat(Stream.of("train", text, "--window", WINDOW, "--stride", 2, "--predict", "last",
                "--hidden", 8, "--dense", 0, "--batch-size", 32, "--learning-rate", 0.01, "--validation-split", 0.2,
                "--threads", 1, "--out", out), Stream.of(more)).toArray();
    }

    @BeforeAll
    static void train() throws IOException {
        text = Files.writeString(folder.resolve("running.txt"), CONTENT);
        run = folder.resolve("run");
        model = run.resolve("best.safetensors");
        printed = Tool.output(training(run, "--epochs", 2, "--sample-every", 2, "--sample-count", 1));
    }

    @Test
    void aWindowIsOneTarget() {
        assertTrue(printed.startsWith("207 windows from " + text + ", 419 characters\n"
                + "inputs (166, 6, 11), targets (166, 11)\n"), printed);
        String shown = Tool.output("show", model);
        assertTrue(shown.contains("(None, 8) ") && shown.contains("dense_1 (Dense) "), shown);
        assertEquals("last", JsonParser.parseString(Tool.output("show", model, "--json")).getAsJsonObject()
                .getAsJsonObject("config").get("predict").getAsString());
    }

    /** By windows that are started anew for every character. */
    private static double[] logProbabilities(String of, int from) {
        SavedModel saved = ModelFile.load(model);
        try (Device device = Devices.open("cpu", DeviceOptions.DEFAULT);
                Model model = new Model(device, saved.weights())) {
            return IntStream.range(from, of.length()).mapToDouble(at -> Math.log(Predictor.next(model,
                    saved.vocabulary(), of.substring(Math.max(0, at - WINDOW), at))[saved.vocabulary()
                            .id(of.charAt(at))]))
                    .toArray();
        }
    }

    @Test
    void itIsMeasuredByTheLastStep() throws IOException {
        double[] each = logProbabilities(CONTENT, WINDOW);
        for (int stride : new int[] {1, 5}) {
            JsonObject json = JsonParser.parseString(Tool.output("eval", model, text, "--stride", stride, "--json"))
                    .getAsJsonObject();
            double sum = -IntStream.range(0, each.length).filter(i -> i % stride == 0).mapToDouble(i -> each[i]).sum();
            int windows = (each.length - 1) / stride + 1;
            assertEquals(windows, json.get("captions").getAsInt());
            assertEquals(sum / windows, json.get("loss").getAsDouble(), 1e-5);
            assertEquals(sum / windows, json.get("real_loss").getAsDouble(), 1e-5);
        }
        assertTrue(Tool.output("eval", model, text).endsWith("steps, the last of each alone\n"));
        double validation = JsonParser.parseString(Files.readAllLines(run.resolve("metrics.jsonl")).getLast())
                .getAsJsonObject().get("val_loss").getAsDouble();
        // The last 41 of 207 windows, of every second character.
        assertEquals(-IntStream.range(166, 207).mapToDouble(i -> each[2 * i]).average().orElseThrow(), validation,
                1e-5);
    }

    @Test
    void aLineIsScoredThroughTheWindow() throws IOException {
        String line = "and the dog and the cat";
        Path lines = Files.writeString(folder.resolve("lines.txt"), line + "\n");
        double expected = Arrays.stream(logProbabilities(line, 1)).sum();
        assertEquals(expected, JsonParser.parseString(Tool.output("score", model, lines, "--json")).getAsJsonObject()
                .get("log_probability").getAsDouble(), 1e-4);
    }

    @Test
    void itWritesThroughTheWindow() {
        Object[] line = {"sample", model, "--count", 1, "--max-length", 200, "--json"};
        String written = Tool.output(line);
        assertEquals(written, Tool.output(Stream.concat(Stream.of(line), Stream.of("--window", WINDOW)).toArray()));
        String sentence = JsonParser.parseString(written).getAsJsonArray().get(0).getAsString();
        assertTrue(printed.contains("    " + sentence.replace('\n', '\u23CE') + "\n"), printed + sentence);
        assertEquals(Tool.output("top", model, "--prefix", "the dog"), Tool.output("top", model, "--prefix", "he dog"));
    }

    @Test
    void itGoesOnToTheBit() throws IOException {
        Path stopped = folder.resolve("stopped");
        Tool.output(training(stopped, "--epochs", 1));
        String refused = Refusal.of(Main.USAGE, folder, "train", "--resume", stopped, "--stride", 3);
        assertTrue(refused.startsWith("charlstm: --stride is 3, but " + stopped + " was begun with 2"), refused);
        Tool.output("train", "--resume", stopped, "--epochs", 2);
        assertArrayEquals(Files.readAllBytes(run.resolve(ModelFile.NAME)),
                Files.readAllBytes(stopped.resolve(ModelFile.NAME)));
        Path further = folder.resolve("further");
        Tool.output("train", text, "--init", model, "--epochs", 1, "--out", further);
        assertEquals(Prediction.LAST, ModelFile.load(further).config().prediction());
        Path keras = folder.resolve("model.h5");
        Path back = folder.resolve("back.safetensors");
        Tool.output("export", model, "-o", keras);
        Tool.output("import", keras, "--text", text, "--order", "appearance", "-o", back);
        assertEquals(ModelFile.load(model).weights(), ModelFile.load(back).weights());
    }
}
