package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.text.RunningText;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        List<String> sentences = RunningText.of("the text", TEXT).sentences(Integer.MAX_VALUE, null).texts();
        assertEquals(List.of("A cat sits on the mat.", "Is it the old one?", "No, said he.", "A dog ran."), sentences);
        assertEquals(2, RunningText.of("the text", TEXT).sentences(2, null).size());
        assertEquals(3, RunningText.of("the text", "One.\n\n\nTwo.").sentences(9, null).line(1) - 1);
    }

    @Test
    void sentencesTrainAsCaptions() {
        Path out = folder.resolve("run");
        String printed = Tool.output(Tiny.training(text, out, "--format", "sentences", "--epochs", 1));
        assertTrue(printed.matches("(?s)16 captions from .*"), printed);
        assertEquals(2, Tool.output("sample", out, "--count", 2).lines().count());
    }

    /** As the same sentences one a line; running text has none. */
    @Test
    void sentencesAreMeasuredAsCaptions() {
        Path out = folder.resolve("run");
        Tool.output(Tiny.training(text, out, "--format", "sentences", "--epochs", 1));
        Path lines = Tiny.text(folder, "lines.txt", String.join("\n",
                RunningText.of("the text", TEXT.repeat(4)).sentences(Integer.MAX_VALUE, null).texts()));
        String measured = Tool.output("eval", out, lines);
        assertEquals(measured, Tool.output("eval", out, text, "--format", "sentences"));
        assertEquals(measured, Tool.output("eval", out, lines, "--format", "captions"));
        assertEquals(Tool.output("verify", out, lines, "--caption", 6),
                Tool.output("verify", out, text, "--caption", 6, "--format", "sentences"));
        assertTrue(Refusal.of(Main.USAGE, folder, "eval", out, text, "--format", "windows")
                .endsWith("--format is 'windows'; there are captions, sentences"));
        Path windows = folder.resolve("windows");
        Tool.output(Tiny.training(text, windows, "--window", 7, "--epochs", 1));
        assertTrue(Refusal.of(Main.USAGE, folder, "eval", windows, text, "--format", "sentences")
                .endsWith("--format is sentences, but " + windows + " takes running text; leave it out"));
    }

    /** The state of a chunk is where the next begins: another loss than that of chunks by themselves. */
    @Test
    void aStreamTrainsAndGoesOn() throws IOException {
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        Object[] options = {"--format", "stream", "--steps", 7, "--validation-split", 0.2};
        Tool.output(Tiny.training(text, whole, with(options, "--epochs", 2)));
        Tool.output(Tiny.training(text, parts, with(options, "--epochs", 1)));
        Tool.output("train", "--resume", parts, "--epochs", 2);
        assertEquals(loss(whole), loss(parts));
        Path windows = folder.resolve("windows");
        Tool.output(Tiny.training(text, windows, "--window", 7, "--validation-split", 0.2,
                "--epochs", 2, "--no-shuffle"));
        assertTrue(Math.abs(loss(whole) - loss(windows)) > 1e-6);
    }

    @Test
    void streamsThatCarryNothingAreWarnedOf() {
        Tool tool =
                Tool.run(Tiny.training(text, folder.resolve("run"), "--format", "stream", "--epochs", 1));
        assertEquals(0, tool.code(), tool.toString());
        assertTrue(tool.err().startsWith("charlstm: warning: of 5 windows there are fewer than two for each of 5"),
                tool.err());
        assertTrue(tool.out().contains("inputs (5, 50, "), "a window of 50 unless it is said: " + tool.out());
    }

    private static Object[] with(Object[] options, Object... more) {
        return Stream.concat(Stream.of(options), Stream.of(more)).toArray();
    }

    private static double loss(Path out) throws IOException {
        return JsonParser.parseString(Files.readAllLines(out.resolve("metrics.jsonl")).getLast()).getAsJsonObject()
                .get("val_loss").getAsDouble();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--format lines | --format is 'lines'; there are captions, sentences, windows, stream",
        "--format captions --window 7 | --format is captions, but --window is for running text; leave one of them out",
        "--format sentences --steps 7 | --format is sentences, but --window is for running text; leave one of"})
    void whatDoesNotFitIsAWrongUsage(String options, String message) {
        Tool tool = Tool.run(Stream.concat(Stream.of("train", text, "--out", folder.resolve("run")),
                Stream.of(options.split(" "))).toArray());
        assertEquals(2, tool.code(), tool.toString());
        assertTrue(tool.err().startsWith("charlstm: " + message), tool.err());
    }
}
