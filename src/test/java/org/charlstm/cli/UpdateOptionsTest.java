package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.io.ModelFile;
import org.charlstm.report.Report;
import org.charlstm.run.RunFolder;
import org.charlstm.run.StateFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code train} is told of optimisers and schedules. */
class UpdateOptionsTest {
    @TempDir
    private static Path folder;
    private static Path text;

    @BeforeAll
    static void write() {
        text = Tiny.text(folder);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|',
            textBlock = """
                    --optimizer lion | --optimizer is 'lion'; there are rmsprop, adam, adamw, sgd
                    --learning-rate -0.1 | --learning-rate is -0.1; it must be a number above 0
                    --optimizer sgd --momentum 1 | --momentum is 1.0; it must be from 0 to below 1
                    --optimizer sgd --momentum NaN | --momentum is NaN; it must be from 0 to below 1
                    --momentum 0.9 | --momentum is for --optimizer sgd, not rmsprop; leave it out
                    --optimizer adam --nesterov | --nesterov is for --optimizer sgd, not adam; leave it out
                    --optimizer sgd --nesterov | --nesterov needs a --momentum above 0, such as 0.9
                    --optimizer adam --beta1 1 | --beta1 is 1.0; it must be from 0 to below 1
                    --optimizer adamw --beta2 -0.1 | --beta2 is -0.1; it must be from 0 to below 1
                    --optimizer sgd --beta1 0.5 | --beta1 is for --optimizer adam or adamw, not sgd; leave it out
                    --optimizer sgd --epsilon 1 | --epsilon is for --optimizer rmsprop or adam or adamw, not sgd
                    --optimizer adam --epsilon 0 | --epsilon is 0.0; it must be a number above 0
                    --weight-decay -1 | --weight-decay is -1.0; it must be a number of at least 0
                    --weight-decay NaN | --weight-decay is NaN; it must be a number of at least 0
                    --clip-value 0 | --clip-value is 0.0; it must be a number above 0
                    --clip-norm 1 --clip-value 1 | --clip-norm and --clip-value do not go together; leave one out
                    --accumulate 0 | --accumulate is 0; it must be at least 1
                    --schedule linear | --schedule is 'linear'; there are constant, step, exponential, cosine, plateau
                    --schedule step | --schedule step needs --decay-every, a number of epochs
                    --schedule exponential | --schedule exponential needs --decay, such as 0.9
                    --schedule step --decay-every 0 | --decay-every is 0; it must be at least 1
                    --schedule exponential --decay 0 | --decay is 0.0; it must be above 0 and at most 1
                    --schedule plateau --decay NaN | --decay is NaN; it must be above 0 and at most 1
                    --schedule plateau --decay-patience 0 | --decay-patience is 0; it must be at least 1
                    --schedule cosine --decay-epochs 0 | --decay-epochs is 0; it must be at least 1
                    --schedule cosine --epochs 0 | --schedule cosine with --epochs 0 needs --decay-epochs
                    --schedule cosine --min-rate 0.1 | --min-rate is 0.1; it must be from 0 to the learning rate, 0.001
                    --schedule cosine --decay 0.1 | --decay is for --schedule step or exponential or plateau, not cosine
                    --decay-patience 3 | --decay-patience is for --schedule plateau, not constant; leave it out
                    --learning-rate 1e-60 | --learning-rate is 1.0E-60, which is 0 in float32; give a larger one
                    --learning-rate 1e39 | --learning-rate is 1.0E39, which is infinite in float32; give a smaller one
                    --clip-norm 1e-60 | --clip-norm is 1.0E-60, which is 0 in float32; give a larger one
                    --weight-decay 1e39 | --weight-decay is 1.0E39, which is infinite in float32; give a smaller one
                    --schedule cosine --min-rate 1e-60 | --min-rate is 1.0E-60, which is 0 in float32
                    --schedule cosine --warm-up 10 --batch-size 4 --decay-epochs 2 | --warm-up, --decay-epochs: the \
                    warm-up of 10 updates leaves nothing of the cosine, 2 epochs of 5 updates; make it shorter, or
                    --warm-up -1 | --warm-up is -1; it must be at least 0""")
    void whatCannotBeIsOneLine(String options, String message) {
        Object[] line = Stream.concat(Stream.of("train", text), Stream.of(options.split(" "))).toArray();
        String refused = Refusal.of(Main.USAGE, folder, line);
        assertTrue(refused.startsWith("charlstm: " + message), refused);
    }

    /** The cosine's epochs are those that the run was begun with, however often it goes on for more. */
    @Test
    void aRunSaysHowItWasTrainedAndGoesOnSo() throws IOException {
        Object[] asked = {"--optimizer", "adamw", "--schedule", "cosine", "--warm-up", 2, "--accumulate", 2,
            "--clip-value", 0.5, "--min-rate", 0.0001};
        Path whole = folder.resolve("whole");
        Tiny.train(text, whole, Stream.concat(Stream.of(asked), Stream.of("--epochs", 4, "--decay-epochs", 2))
                .toArray());
        Path stopped = folder.resolve("stopped");
        Tiny.train(text, stopped, Stream.concat(Stream.of(asked), Stream.of("--epochs", 2)).toArray());
        for (int epoch = 3; epoch <= 4; epoch++) {
            Tool more = Tool.run("train", "--resume", stopped, "--epochs", epoch);
            assertEquals(0, more.code());
            assertEquals("charlstm: warning: the cosine ends with epoch 2: from epoch " + epoch + " on the rate is "
                    + "1.0E-4; it can go on with another schedule\n", more.err());
        }
        assertEquals("", Tool.run("train", "--resume", stopped).err());
        assertArrayEquals(Files.readAllBytes(whole.resolve(ModelFile.NAME)),
                Files.readAllBytes(stopped.resolve(ModelFile.NAME)));
        List<String> epochs = Files.readAllLines(stopped.resolve(RunFolder.METRICS));
        assertEquals(1e-4, JsonParser.parseString(epochs.getLast()).getAsJsonObject().get("learning_rate")
                .getAsDouble(), 1e-12);
        String shown = Tool.output("show", stopped.resolve(StateFile.NAME));
        assertTrue(shown.contains("\ntrained with          batch size 8, accumulate 2, learning rate 0.001, schedule "
                + "Cosine[epochs=2, minimum=1.0E-4], warm up 2, update rule Adam[beta1=0.9, beta2=0.999, "
                + "epsilon=1.0E-7, weightDecay=0.004, decoupled=true], clip value 0.5, seed 1, shuffle true\n"), shown);
        String run = Files.readString(stopped.resolve(RunFolder.RUN));
        assertTrue(run.contains("\"optimizer\": \"adamw\"") && run.contains("\"schedule\": \"cosine\""), run);
        String report = Files.readString(stopped.resolve(Report.NAME));
        assertTrue(report.contains("adamw") && report.contains("cosine"), "the report does not say how");
    }

    @Test
    void gradientDescentHasItsOwnRate() throws IOException {
        Path out = folder.resolve("descent");
        String printed = Tool.output(Tiny.training(text, out, "--optimizer", "sgd", "--momentum", 0.9, "--nesterov",
                "--schedule", "plateau", "--decay-patience", 1));
        assertTrue(printed.contains("  learning_rate 0.01000  "), printed);
        assertTrue(Tool.output("show", out).contains("learning rate 0.01, schedule Plateau[decay=0.1, patience=1, "
                + "minimum=0.0], update rule Sgd[momentum=0.9, nesterov=true, weightDecay=0.0]"));
    }
}
