package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.text.Preprocessing;
import org.charlstm.text.RunningText;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --format}: running text as streams and as sentences, and what is refused. */
class FormatTest {
    private static final String TEXT = """
            A cat sits on the mat. Is it
            the old one?  No, said he.

            A dog ran.
            """;

    @TempDir
    private Path folder;
    private Path text;

    @BeforeEach
    void writeText() {
        text = Tiny.text(folder, "text.txt", TEXT.repeat(4));
    }

    @Test
    void sentencesAreThoseOfTheParagraphs() {
        List<String> sentences =
                RunningText.of("the text", TEXT).sentences(Integer.MAX_VALUE, null, Preprocessing.NONE).texts();
        assertEquals(List.of("A cat sits on the mat.", "Is it the old one?", "No, said he.", "A dog ran."), sentences);
        assertEquals(2, RunningText.of("the text", TEXT).sentences(2, null, Preprocessing.NONE).size());
        assertEquals(3,
                RunningText.of("the text", "One.\n\n\nTwo.").sentences(9, null, Preprocessing.NONE).line(1) - 1);
    }

    /** As the same sentences one a line; running text has none. */
    @Test
    void sentencesAreMeasuredAsCaptions() {
        Path out = folder.resolve("run");
        Tool.output(Tiny.training(text, out, "--format", "sentences", "--epochs", 1));
        assertEquals(2, Tool.lines("sample", out, "--count", 2).size());
        Path lines = Tiny.text(folder, "lines.txt", String.join("\n",
                RunningText.of("the text", TEXT.repeat(4)).sentences(Integer.MAX_VALUE, null, Preprocessing.NONE)
                        .texts()));
        String measured = Tool.output("eval", out, lines);
        assertEquals(measured, Tool.output("eval", out, text, "--format", "sentences"));
        assertEquals(measured, Tool.output("eval", out, lines, "--format", "captions"));
        assertEquals(Tool.output("verify", out, lines, "--caption", 6),
                Tool.output("verify", out, text, "--caption", 6, "--format", "sentences"));
    }

    /** The state of a chunk is where the next begins: another loss than that of chunks by themselves. */
    @Test
    void aStreamTrainsAndGoesOn() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        Object[] options = {"--format", "stream", "--steps", 7, "--validation-split", 0.2};
        Tool.output(Tiny.training(text, whole, Tiny.with(options, "--epochs", 2)));
        Tool.output(Tiny.training(text, parts, Tiny.with(options, "--epochs", 1)));
        Tool.output("train", "--resume", parts, "--epochs", 2);
        assertEquals(loss(whole), loss(parts));
        Path windows = folder.resolve("windows");
        Tool.output(Tiny.training(text, windows, "--window", 7, "--validation-split", 0.2,
                "--epochs", 2, "--no-shuffle"));
        assertTrue(Math.abs(loss(whole) - loss(windows)) > 1e-6);
    }

    private static JsonObject eval(Object... arguments) {
        return Tool.json(Tiny.with(new Object[] {"eval"}, Tiny.with(arguments, "--json", "--threads", 1)));
    }

    /** To the last digit, for the model knows how its training laid out the text. */
    @ParameterizedTest
    @ValueSource(strings = {"--format stream --window 5", "--format stream --window 4 --test-split 0.2",
        "--window 7 --stride 3", "--window 7 --stride 2 --predict last", "--window 9 --accumulate 2",
        "--format sentences", "--format sentences --padding bucket", "--format sentences --padding mask"})
    void evalRepeatsTheFigureOfARunsValidation(String options) throws IOException {
        Path run = folder.resolve("run");
        Object[] line = Tiny.with(options.split(" "), "--validation-split", 0.3, "--epochs", 2);
        Tool.output(Tiny.training(Tiny.text(folder, "text.txt", TEXT.repeat(9)), run, line));
        List<Object> held = new ArrayList<>(List.of(run.resolve(ModelFile.NAME), text, "--validation-split", 0.3));
        held.addAll(options.contains("test") ? List.of("--test-split", 0.2) : List.of());
        held.addAll(options.contains("sentences") ? List.of("--format", "sentences") : List.of());
        assertEquals(loss(run), eval(held.toArray()).get("loss").getAsDouble());
    }

    /** A model of windows, in which nothing was carried on, can be asked for streams, and the reverse. */
    @Test
    void whatIsAskedForGoesBeforeWhatAModelWasTrainedOn() {
        Path run = folder.resolve("run");
        Tool.output(Tiny.training(text, run, "--format", "stream", "--window", 4, "--epochs", 2));
        double stream = eval(run, text).get("loss").getAsDouble();
        assertEquals(stream, eval(run, text, "--format", "stream").get("loss").getAsDouble());
        assertNotEquals(stream, eval(run, text, "--format", "windows").get("loss").getAsDouble());
        assertNotEquals(stream, eval(run, text, "--batch-size", 1).get("loss").getAsDouble());
    }

    @ParameterizedTest
    @CsvSource({"stride, 0", "stride, many", "batch_size, -1", "padding, all"})
    void aLayoutThatCannotBeIsRefused(String name, String value) {
        Path run = folder.resolve("run");
        Tool.output(Tiny.training(text, run, "--window", 4, "--epochs", 1));
        SavedModel saved = ModelFile.load(run);
        Path broken = folder.resolve("broken.safetensors");
        ModelFile.save(broken, new SavedModel(saved.config(), saved.steps(), saved.vocabulary(), saved.weights(),
                Map.of(name, value)));
        for (String command : List.of("eval", "verify")) {
            assertEquals("charlstm: " + broken + " has a broken description of its text's layout in its metadata",
                    Refusal.of(Main.FAILED, folder, command, broken, text));
        }
    }

    /** What a model has not been trained by is not held against it. */
    @Test
    void paddingThatWasNotTrainedIsNotMeasured() {
        Path run = folder.resolve("run");
        Tool.output(Tiny.training(text, run, "--format", "sentences", "--padding", "bucket", "--epochs", 3));
        JsonObject figures = eval(run, text, "--format", "sentences");
        assertEquals(figures.get("real_loss").getAsDouble(), figures.get("loss").getAsDouble());
        int agree = 0;
        int steps = 0;
        for (int caption = 0; caption < 16; caption++) {
            JsonObject shown = Tool.json("verify", run, text, "--format", "sentences", "--caption", caption, "--json");
            agree += shown.get("agree").getAsInt();
            steps += shown.get("steps").getAsInt();
        }
        assertEquals(4 * (22 + 18 + 12 + 10 + 4), steps);
        assertEquals((double) agree / steps, figures.get("accuracy").getAsDouble(), 1e-9);
    }

    /** Once, and not of a stream that is as the others: one of four ends in a window of what is nowhere else. */
    @Test
    void aStreamThatDoesWorseThanGuessesIsToldOf() {
        Path odd = Tiny.text(folder, "odd.txt", "ab".repeat(155) + "0123456789".repeat(3));
        Object[] options = {"--format", "stream", "--window", 10, "--batch-size", 4, "--epochs", 2, "--learning-rate",
            0.1, "--hidden", 16, "--dense", 0, "--device", "cpu"};
        Tool tool = Tool.run(Tiny.with(new Object[] {"train", odd, "--out", folder.resolve("odd")}, options));
        assertTrue(tool.err().matches("charlstm: warning: 1 of 4 streams does worse than guesses at the end of epoch "
                + "\\d: a loss of .*\\R"), tool.toString());
        Path even = Tiny.text(folder, "even.txt", "ab".repeat(170));
        assertEquals("",
                Tool.run(Tiny.with(new Object[] {"train", even, "--out", folder.resolve("even")}, options)).err());
    }

    private static double loss(Path out) throws IOException {
        return JsonParser.parseString(Files.readAllLines(out.resolve("metrics.jsonl")).getLast()).getAsJsonObject()
                .get("val_loss").getAsDouble();
    }
}
