package org.charlstm.cli.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.report.EventFile;
import org.charlstm.report.Report;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options of {@code train}: layers, initial weights, update rules, schedules, and when to stop. */
class TrainOptionsTest {
    @TempDir
    private static Path folder;
    private static Path text;

    @BeforeAll
    static void write() {
        text = Tiny.text(folder);
    }

    @Test
    void everyCommandTakesAModelOfEveryKindOfLayer() {
        Path out = folder.resolve("layers");
        Object[] layers = {"--hidden", "9,6", "--dense", "7,5", "--embedding", 5, "--tie-weights", "--dropout", 0.25,
            "--batch-norm", "--device", "cpu"};
        Tool.output(Tiny.with(new Object[] {"train", text, "--out", out, "--epochs", 2, "--batch-size", 8}, layers));
        assertEquals(4, Tool.lines("sample", out, "--count", 4).size());
        for (Object[] line : new Object[][] {{"top", out}, {"eval", out, text}, {"verify", out, text}, {"show", out},
            {"train", "--resume", out, "--epochs", 3}}) {
            Tool.output(line);
        }
        Tool.output(Tiny.with(new Object[] {"train", text, "--init", out, "--epochs", 1, "--out",
            folder.resolve("further")}, layers));
        for (String different : List.of("--dropout 0.5 0.25", "--hidden 9,5 9,6")) {
            String[] words = different.split(" ", -1);
            assertEquals("charlstm: " + words[0] + " is " + words[1] + " but " + out + " has " + words[2]
                    + "; leave it out",
                    Refusal.of(Main.USAGE, folder, "train", text, "--init", out, words[0],
                            words[1]));
        }
        Tool.output(Tiny.training(text, folder.resolve("equal"), "--epochs", 0, "--layers", 3));
        assertEquals(3, ModelFile.load(folder.resolve("equal")).config().layers(RecurrentLayer.class).size());
    }

    @Test
    void weightsBeginAsAskedForAndTheRunGoesOn() {
        Path out = folder.resolve("initial");
        SavedModel saved = ModelFile.load(Tiny.train(text, out, "--epochs", 0, "--initializer", "uniform",
                "--recurrent-initializer", "glorot_uniform", "--forget-bias", 0));
        Weights expected = new InitialWeights(Initializer.UNIFORM, Initializer.GLOROT_UNIFORM, 0)
                .weights(saved.config(), 1);
        for (Tensor tensor : expected.tensors()) {
            assertArrayEquals(tensor.values(), saved.weights().get(tensor.name()).values(), tensor.name());
        }
        assertEquals("charlstm: --forget-bias is 1.0, but " + out + " was begun with 0.0; leave it out",
                Refusal.of(Main.USAGE, folder, "train", "--resume", out, "--forget-bias", 1));
        Tool.output("train", "--resume", out, "--epochs", 1);
    }

    /** The cosine's epochs are those that the run was begun with, however often it goes on for more. */
    @Test
    void aRunGoesOnWithItsRuleAndSchedule() throws IOException {
        Object[] asked = {"--optimizer", "adamw", "--schedule", "cosine", "--warm-up", 2, "--accumulate", 2,
            "--clip-value", 0.5, "--min-rate", 0.0001};
        Path whole = folder.resolve("whole");
        Tiny.train(text, whole, Tiny.with(asked, "--epochs", 4, "--decay-epochs", 2));
        Path stopped = folder.resolve("stopped");
        Tiny.train(text, stopped, Tiny.with(asked, "--epochs", 2));
        for (int epoch = 3; epoch <= 4; epoch++) {
            Tool more = Tool.run("train", "--resume", stopped, "--epochs", epoch);
            assertEquals(0, more.code());
            assertTrue(more.err().startsWith("charlstm: warning: the cosine ends with epoch 2: from epoch " + epoch),
                    more.err());
        }
        assertEquals("", Tool.run("train", "--resume", stopped).err());
        assertEquals(-1, Files.mismatch(whole.resolve(ModelFile.NAME), stopped.resolve(ModelFile.NAME)));
        assertEquals(1e-4, JsonParser.parseString(Files.readAllLines(stopped.resolve(RunFolder.METRICS)).getLast())
                .getAsJsonObject().get("learning_rate").getAsDouble(), 1e-12);
        String report = Files.readString(stopped.resolve(Report.NAME));
        assertTrue(report.contains("adamw") && report.contains("cosine"), "the report does not say how");
    }

    @Test
    void theTestIsMeasuredOnceAtTheEnd() throws IOException {
        Path out = folder.resolve("tested");
        String printed = Tool.output(Tiny.training(text, out, "--validation-split", 0.2, "--test-split", 0.1,
                "--learning-rate", 0.1, "--epochs", 9, "--patience", 2, "--tensorboard"));
        Matcher line = Pattern.compile("\ntest: epoch (\\d), test_loss (\\d\\.\\d{4}), (\\d\\.\\d{3}) "
                + "test_bits/character\n").matcher(printed);
        assertTrue(line.find() && printed.contains("\nbest: epoch " + line.group(1) + ", "), printed);
        assertFalse(Files.readString(out.resolve(RunFolder.METRICS)).contains("test"), "tested after an epoch");
        String report = Files.readString(out.resolve(Report.NAME));
        assertTrue(report.contains("<dt>Test loss</dt><dd>" + line.group(2))
                && report.contains("<dt>Test bits per character</dt><dd>" + line.group(3)), report);
        assertTrue(Tool.output("show", out, "--best").contains("\ntest                  loss " + line.group(2)
                + " of epoch " + line.group(1) + ", on 2 captions\n"));
        try (Stream<Path> files = Files.list(out)) {
            Path events = files.filter(file -> file.getFileName().toString().startsWith(EventFile.PREFIX)).findAny()
                    .orElseThrow();
            String written = Files.readString(events, StandardCharsets.ISO_8859_1);
            assertTrue(Stream.of("test_loss", "test_real_loss", "test_bits_per_character").allMatch(written::contains));
        }
    }

    /** A large rate makes losses go up and down. */
    @Test
    void aRunThatStopsEarlyIsWholeAndGoesOnWithMorePatience() throws IOException {
        Path out = folder.resolve("early");
        Tool.output(Tiny.training(text, out, "--validation-split", 0.2, "--learning-rate", 0.1, "--epochs", 40,
                "--patience", 2));
        int epochs = Files.readAllLines(out.resolve(RunFolder.METRICS)).size();
        assertTrue(epochs > 2 && epochs < 40, epochs + " epochs");
        assertTrue(Files.exists(out.resolve(RunFolder.SAMPLES)), "no sentences");
        assertTrue(Tool.output("train", "--resume", out, "--epochs", epochs).contains("\nall of " + epochs
                + " epochs have been trained; a larger --epochs with --patience 3 or more trains on\n"));
        byte[] best = Files.readAllBytes(out.resolve(RunFolder.BEST));
        Files.delete(out.resolve(RunFolder.BEST));
        Tool without = Tool.run("train", "--resume", out);
        assertTrue(without.err().startsWith("charlstm: warning: the model of the best epoch is not there: "),
                without.err());
        assertTrue(without.out().contains(", whose model is not kept\n"), without.out());
        Files.write(out.resolve(RunFolder.BEST), best);
        assertEquals(epochs, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        Tool.output("train", "--resume", out, "--patience", 1000, "--epochs", epochs + 1);
        assertEquals(epochs + 1, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
    }
}
