package org.charlstm.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.format.FeatureFile;
import org.charlstm.text.Features;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --condition}: features that decide the words, in every command that takes them. */
class ConditionTest {
    private static final List<String> COLOURS = List.of("red", "blue", "green");
    private static final List<String> ANIMALS = List.of("cat", "dog", "hen");
    private static final List<String> CAPTIONS = COLOURS.stream()
            .flatMap(colour -> ANIMALS.stream().map(animal -> "a " + colour + " " + animal)).toList();

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path features;
    private static Path run;
    private static String printed;

    /** A one for the colour and one for the animal. */
    private static float[] row(int caption) {
        float[] row = new float[COLOURS.size() + ANIMALS.size()];
        row[caption / ANIMALS.size()] = 1;
        row[COLOURS.size() + caption % ANIMALS.size()] = 1;
        return row;
    }

    private static Path write(String name, Stream<float[]> rows) {
        Path file = folder.resolve(name);
        FeatureFile.write(file, new Features(name, rows.toArray(float[][]::new)));
        return file;
    }

    private static Stream<float[]> all() {
        return IntStream.range(0, CAPTIONS.size()).mapToObj(ConditionTest::row);
    }

    private static Object[] training(Object out, Object... more) {
        return Stream.concat(Stream.of("train", text, "--out", out, "--max-caption", 12, "--optimizer", "adam",
                "--learning-rate", 0.03, "--batch-size", 9, "--dense", 0, "--hidden", 16, "--sample-count", 2,
                "--threads", 1), Stream.of(more)).toArray();
    }

    /** Between those that are learned stand a blank line, which is no caption, and one that is too long. */
    @BeforeAll
    static void train() throws IOException {
        List<String> lines = new ArrayList<>(CAPTIONS);
        lines.add(2, "a caption that is too long");
        lines.add(5, "");
        text = Tiny.text(folder, "captions.txt", String.join("\n", lines) + "\n");
        List<float[]> rows = new ArrayList<>(all().toList());
        rows.add(2, new float[COLOURS.size() + ANIMALS.size()]);
        features = write("features.npy", rows.stream());
        run = folder.resolve("run");
        printed = Tool.output(training(run, "--condition", features, "--epochs", 150));
    }

    @Test
    void theVectorDecidesTheWords() throws IOException {
        assertTrue(printed.contains("condition (Dense, first states)     (None, 32)                     224\n"),
                printed);
        Path own = write("own.npy", all());
        assertEquals(String.join("\n", CAPTIONS) + "\n",
                Tool.output("sample", run, "--condition", own, "--temperature", 0));
        List<String> others = new ArrayList<>(CAPTIONS);
        Collections.reverse(others);
        Path reversed = write("reversed.npy", all().toList().reversed().stream());
        assertEquals(String.join("\n", others) + "\n",
                Tool.output("sample", run, "--condition", reversed, "--temperature", 0));
        assertEquals("a red cat\n".repeat(2), Tool.output("sample", run, "--condition",
                write("one.npy", Stream.of(row(0))), "--temperature", 0, "--count", 2));
        assertEquals("a green hen\n", Tool.output("sample", run, "--condition", write("last.npy", Stream.of(row(8))),
                "--beam", 3));
        assertTrue(Tool.output("top", run, "--prefix", "a ", "--condition", write("blue.npy", Stream.of(row(4))))
                .lines().findFirst().orElseThrow().endsWith("'b'"));
        // The run's own sentences are about its first captions.
        assertEquals("[\"a red cat\",\"a red dog\"]",
                JsonParser.parseString(Files.readString(run.resolve("samples.jsonl")))
                        .getAsJsonObject().getAsJsonArray("sentences").toString());
    }

    @Test
    void eachTextsBeginningHasARow() throws IOException {
        Path primes = Files.writeString(folder.resolve("primes.txt"), "a r\n\na g\n");
        Path three = write("three.npy", Stream.of(row(1), row(3), row(8)));
        assertEquals("a red dog\na blue cat\na green hen\n", Tool.output("sample", run, "--condition", three,
                "--prime-file", primes, "--temperature", 0));
        Path two = write("two.npy", Stream.of(row(1), row(3)));
        assertTrue(Refusal.of(Main.FAILED, folder, "sample", run, "--condition", two, "--prime-file", primes)
                .contains("primes.txt has 3 lines, but " + two + " has 2 rows; each beginning needs a row"));
    }

    private static double loss(Object... line) {
        return JsonParser.parseString(Tool.output(Stream.concat(Stream.of("eval", run, text, "--max-caption", 12,
                "--json"), Stream.of(line)).toArray())).getAsJsonObject().get("real_loss").getAsDouble();
    }

    @Test
    void aWrongVectorMakesTheTextImprobable() {
        double right = loss("--condition", features);
        double wrong = loss("--condition", write("wrong.npy", Stream.concat(all().toList().reversed().stream(),
                Stream.of(row(0)))));
        assertTrue(right < 0.1 && wrong > 20 * right, right + " against " + wrong);
        Path lines = Tiny.text(folder, "lines.txt", "a red cat\n\na red dog\n");
        double[] scores = Tool.output("score", run, lines, "--json", "--condition",
                write("scores.npy", Stream.of(row(0), row(0)))).lines()
                .mapToDouble(line -> JsonParser.parseString(line).getAsJsonObject().get("log_probability")
                        .getAsDouble())
                .toArray();
        assertTrue(scores[0] > -0.3 && scores[1] < scores[0] - 1, scores[0] + " against " + scores[1]);
    }

    @Test
    void aRunGoesOnWithItsOwnFeatures() throws IOException {
        Path half = folder.resolve("half");
        Tool.output(training(half, "--condition", features, "--epochs", 2));
        Path whole = folder.resolve("whole");
        Tool.output(training(whole, "--condition", features, "--epochs", 3));
        Tool.output("train", "--resume", half, "--epochs", 3);
        assertEquals(-1, Files.mismatch(half.resolve("model.safetensors"), whole.resolve("model.safetensors")));
        Path other = write("other.npy", Stream.concat(Stream.of(row(1)), all()));
        assertTrue(Refusal.of(Main.FAILED, folder, "train", "--resume", half, "--epochs", 4, "--condition", other)
                .contains("learned another text"));
    }

    @Test
    void validationsCaptionsAreAboutSomethingToo() throws IOException {
        Path validation = Tiny.text(folder, "validation.txt", "a red hen\na blue hen\n");
        Path about = write("validation.npy", Stream.of(row(2), row(5)));
        Path out = folder.resolve("validated");
        Tool.output(training(out, "--condition", features, "--validation", validation, "--validation-condition", about,
                "--epochs", 1));
        assertTrue(Files.readString(out.resolve("metrics.jsonl")).contains("val_real_loss"));
        assertTrue(Refusal.of(Main.FAILED, folder, training(out, "--force", "--condition", features, "--validation",
                validation, "--validation-condition", write("narrow.npy", Stream.of(new float[1], new float[1]))))
                .contains("has 1 feature in a row, but what is learned has 6"));
    }
}
