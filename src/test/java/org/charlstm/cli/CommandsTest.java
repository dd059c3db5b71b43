package org.charlstm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.io.FeatureFile;
import org.charlstm.text.Captions;
import org.charlstm.text.Features;
import org.charlstm.text.GeneratedCaptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands that read a model or a text print for people. */
class CommandsTest {
    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"), "--epochs", 5);
    }

    private static String padded(String caption, int steps) {
        return caption + "\u22A3".repeat(steps - caption.length());
    }

    @Test
    void aRunsFolderIsAModel() {
        for (String command : List.of("sample", "top")) {
            assertEquals(Tool.output(command, model), Tool.output(command, model.getParent()));
        }
        for (String command : List.of("verify", "eval")) {
            assertEquals(Tool.output(command, model, text), Tool.output(command, model.getParent(), text));
        }
    }

    @Test
    void samplePrintsAsManyLinesAsAskedForAndNothingElse() {
        for (int count : new int[] {1, 2, 5, 70, 130}) {
            String printed = Tool.output("sample", model, "--count", count, "--prime", "a ");
            assertTrue(printed.endsWith("\n"));
            String[] lines = printed.substring(0, printed.length() - 1).split("\n", -1);
            assertEquals(count, lines.length);
            for (String line : lines) {
                assertTrue(line.startsWith("a ") && line.length() <= 18, line);
            }
        }
    }

    /** A sentence is a function of the seed and its number, however many there are and however they are printed. */
    @Test
    void sentencesComeInTheirOrder() {
        List<String> many = Tool.output("sample", model, "--count", 70).lines().toList();
        assertEquals(many.subList(0, 3), Tool.output("sample", model, "--count", 3).lines().toList());
        assertNotEquals(many, Tool.output("sample", model, "--count", 70, "--seed", 2).lines().toList());
    }

    @Test
    void aTemperatureOfNoneAlwaysTakesTheMostProbable() {
        List<String> lines = Tool.output("sample", model, "--temperature", 0, "--count", 3).lines().toList();
        assertEquals(List.of(lines.getFirst(), lines.getFirst(), lines.getFirst()), lines);
    }

    @Test
    void samplingPastTheEndFillsTheLength() {
        for (String line : Tool.output("sample", model, "--past-end", "--max-length", 30).lines().toList()) {
            assertEquals(30, line.length(), line);
        }
    }

    @Test
    void topPrintsProbabilitiesFromTheGreatest() {
        List<String> lines = Tool.output("top", model, "-k", 3, "--prefix", "a ").lines().toList();
        assertEquals(3, lines.size());
        double before = 1;
        for (String line : lines) {
            assertTrue(line.matches("[01]\\.\\d{6}  ('.'|<start>|<end>)"), line);
            double probability = Double.parseDouble(line.substring(0, 8));
            assertTrue(probability <= before, line);
            before = probability;
        }
    }

    @Test
    void encodePrintsTheCaptionBack() {
        String printed = Tool.output("encode", text, "--caption", 7);
        String caption = Tiny.CAPTIONS.get(7);
        assertTrue(printed.contains("(20, 18, 20)"), printed);
        assertTrue(printed.contains("input   \u22A2" + padded(caption, 17) + "\n"), printed);
        assertTrue(printed.contains("target  " + padded(caption, 18) + "\n"), printed);
        assertTrue(printed.contains("map     'a' 0, ' ' 1, 'c' 2, 't' 3,"), printed);
        assertTrue(printed.contains("<start> 18, <end> 19\n"), printed);
    }

    @Test
    void verifyPrintsInputTargetAndPredictionOneUnderTheOther() {
        String[] lines = Tool.output("verify", model, text, "--caption", 7).split("\n", 0);
        String caption = Tiny.CAPTIONS.get(7);
        assertEquals(4, lines.length);
        assertEquals("input     \u22A2" + padded(caption, 17), lines[0]);
        assertEquals("target    " + padded(caption, 18), lines[1]);
        assertTrue(lines[2].startsWith("predicted ") && lines[2].length() == lines[1].length(), lines[2]);
        int agree = 0;
        for (int i = 10; i < lines[1].length(); i++) {
            agree += lines[1].charAt(i) == lines[2].charAt(i) ? 1 : 0;
        }
        assertTrue(lines[3].startsWith(agree + " of 18 steps agree"), lines[3]);
    }

    @Test
    void captionsPrintsTheBuiltInOnes() {
        assertEquals(String.join("\n", GeneratedCaptions.generate(3, 5)) + "\n",
                Tool.output("captions", "--count", 3, "--seed", 5));
        assertEquals(10_000, Tool.output("captions").lines().count());
    }

    @Test
    void captionsWritesTheirFeatures() {
        Path file = folder.resolve("captions.npy");
        Tool tool = Tool.run("captions", "--count", 30, "--seed", 5, "--features", file);
        assertEquals(Tool.output("captions", "--count", 30, "--seed", 5), tool.out());
        String[] columns = Tool.output("captions", "--columns").split("\n", 0);
        Features features = FeatureFile.read(file);
        features.requireRows(Captions.generated(30, 5));
        assertEquals(columns.length, features.columns());
        float[] row = new float[columns.length];
        for (int caption = 0; caption < 30; caption++) {
            features.row(caption, row, 0);
            assertArrayEquals(GeneratedCaptions.features(30, 5)[caption], row);
        }
        String said = tool.err().strip();
        assertTrue(said.startsWith("saved 30 rows of " + columns.length + " features as " + file
                + ": kind in columns 0 to "), said);
        assertTrue(said.endsWith(" to " + (columns.length - 1)), said);
        assertEquals("0 kind: none", columns[0]);
        assertTrue(List.of(columns).stream().anyMatch(column -> column.endsWith(" subject: dog")));
    }

    @Test
    void progressOnATerminalStaysOffStandardOutput() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console terminal = new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), 80);
        Object[] line = Tiny.training(text, folder.resolve("terminal"), "--epochs", 1);
        assertEquals(0, Main.run(terminal, Stream.of(line).map(Object::toString).toArray(String[]::new)));
        assertEquals(1, out.toString(UTF_8).lines().filter(printed -> printed.startsWith("epoch 1/1 ")).count());
        assertFalse(out.toString(UTF_8).contains("\r"), "progress on standard output");
        assertTrue(err.toString(UTF_8).contains("epoch 1/1 "), err.toString(UTF_8));
    }
}
