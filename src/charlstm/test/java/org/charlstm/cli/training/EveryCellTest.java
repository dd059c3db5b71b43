package org.charlstm.cli.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.circle.Sampled;
import org.charlstm.cli.Main;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.TestDevices;
import org.charlstm.io.ModelFile;
import org.charlstm.io.format.FeatureFile;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.text.Features;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each cell through the rooms of the tool: every way of training, and all that can be done with a model. */
@Tag("long")
class EveryCellTest {
    private static final List<String> CELLS = List.of("gru", "gru --reset-after false",
            "gru --recurrent-activation hard_sigmoid", "rnn", "rnn-relu");
    private static final String SIZES = "--hidden 6 --dense 4";
    /** Each option of training in one of them. */
    private static final List<String> WAYS = List.of(
            "--hidden 6 --layers 2 --dropout 0.2 --batch-norm --embedding 5 --dense 5 --tie-weights "
                    + "--condition FEATURES",
            "--format stream --window 6 --hidden 6,4 --dense 4 --optimizer adam",
            SIZES + " --padding bucket --clip-norm 1 --accumulate 2 --initializer uniform "
                    + "--recurrent-initializer uniform",
            SIZES + " --padding mask --validation-split 0.3 --patience 2 --layers 2",
            SIZES + " --window 6 --predict last");
    private static final List<String> LINES = List.of("a man rides", "a dog runs", "two cats sit", "a bus stops",
            "the sun", "a red bus", "one horse", "an old dog", "a man and a cat");

    @TempDir
    private static Path folder;

    /** Every way for every cell on the CPU; on a GPU each cell in one of the ways. */
    static Stream<Arguments> trainings() {
        return TestDevices.all().map(TestDevices::device).distinct().flatMap(device -> IntStream.range(0, CELLS.size())
                .boxed().flatMap(cell -> IntStream.range(0, WAYS.size())
                        .filter(way -> device.equals("cpu") || way == cell % WAYS.size())
                        .mapToObj(way -> Arguments.of(device, CELLS.get(cell), WAYS.get(way)))));
    }

    private static Path text() throws IOException {
        return Files.write(folder.resolve("text.txt"), LINES);
    }

    private static Path features() {
        Path file = folder.resolve("features.npy");
        FeatureFile.write(file, Features.generated(LINES.size(), 1));
        return file;
    }

    /** A command line, of words that spaces part. */
    private static Object[] line(Object... parts) {
        return Stream.of(parts).flatMap(part -> part instanceof String words ? Stream.of(words.split(" "))
                : Stream.of(part)).map(word -> word.equals("FEATURES") ? features() : word).toArray();
    }

    private static Path train(String device, String cell, Object... more) throws IOException {
        Path run = folder.resolve("run");
        String output = Tool.output(line(Stream.concat(Stream.of("train", text(), "--device " + device
                + " --batch-size 4 --epochs 2 --seed 3 --force --out", run, "--cell " + cell),
                Stream.of(more)).toArray()));
        assertTrue(output.contains("epoch 2/2"), output);
        return run;
    }

    @ParameterizedTest
    @MethodSource("trainings")
    @Sampled(every = 6)
    void trainsWithEveryOptionAndGoesOn(String device, String cell, String more) throws IOException {
        Path run = train(device, cell, more);
        String output = Tool.output(line("train --device " + device + " --epochs 3 --resume", run));
        assertTrue(output.contains("epoch 3/3"), output);
    }

    static Stream<String> cells() {
        return CELLS.stream();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aModelServesEveryCommand(String cell) throws IOException {
        Path run = train("cpu", cell, SIZES);
        Path text = text();
        assertEquals(3, Tool.output(line("sample", run, "--count 3 --max-length 9 --device cpu")).lines().count());
        assertEquals(Tool.output(line("sample", run, "--count 3 --max-length 9 --device cpu")),
                Tool.output(line("sample", run, "--count 3 --max-length 9 --device reference")));
        assertEquals(2, Tool.output(line("sample", run, "--beam 4 --count 2 --max-length 9 --device cpu")).lines()
                .count());
        for (String command : List.of("eval", "score", "verify")) {
            assertEquals(Tool.output(line(command, run, text, "--device reference")).replaceAll("[0-9.]+", "N"),
                    Tool.output(line(command, run, text, "--device cpu")).replaceAll("[0-9.]+", "N"), command);
        }
        assertTrue(Tool.output(line("top", run, "--prefix a --device cpu")).lines().count() > 3);
        Path from = folder.resolve("from");
        Tool.output(
                line("train", text, "--device cpu --epochs 1 --force --init", run, "--out", from, "--cell " + cell));
        String shown = Tool.output(line("show", from.resolve(ModelFile.NAME)));
        String layer = switch (cell) {
            case "rnn" -> "rnn_1 (tanh RNN)";
            case "rnn-relu" -> "rnn_1 (ReLU RNN)";
            default -> "gru_1 (GRU)";
        };
        assertTrue(shown.contains(layer + " "), shown);
        RecurrentCell saved = ModelFile.load(from.resolve(ModelFile.NAME)).config().cells().getFirst();
        saved.options().forEach((option, value) -> assertTrue(
                shown.lines().anyMatch(row -> row.startsWith(option.replace('_', ' ')) && row.endsWith(value)), shown));
    }

    @Test
    void theFormOfACellIsKept() throws IOException {
        assertEquals(new RecurrentCell.Gru(RecurrentActivation.HARD_SIGMOID, false), ModelFile.load(train("cpu",
                "gru --reset-after false --recurrent-activation hard_sigmoid", SIZES).resolve(ModelFile.NAME)).config()
                .cells()
                .getFirst());
    }

    /** At its own rate, and at that of the others what is said after a divergence leads on. */
    @Test
    @Needs(data = "captions_10k.txt")
    void aPlainNetworkWithReluTrainsAtItsDefaults() throws IOException {
        Path run = folder.resolve("relu");
        Object[] line = line("train", TestData.file("captions_10k.txt"),
                "--cell rnn-relu --max-samples 1000 --epochs 2 --device cpu --force --out", run);
        assertEquals("0.0003", learningRate(Tool.output(line), run));
        Tool diverged = Tool.run(Tiny.with(line, "--learning-rate", 0.01));
        assertEquals(Main.FAILED, diverged.code(), diverged.toString());
        assertTrue(diverged.err().endsWith("; try a lower --learning-rate, such as 0.0003\n"), diverged.err());
        Path further = folder.resolve("further");
        assertEquals("0.0003", learningRate(Tool.output(line("train", TestData.file("captions_10k.txt"),
                "--max-samples 1000 --epochs 0 --device cpu --force --init", run, "--out", further)), further));
    }

    private static String learningRate(String output, Path run) throws IOException {
        assertTrue(output.contains("training on cpu"), output);
        return new BigDecimal(JsonParser.parseString(Files.readString(run.resolve(RunFolder.RUN))).getAsJsonObject()
                .getAsJsonObject("options").get("learning-rate").getAsString()).stripTrailingZeros().toPlainString();
    }
}
