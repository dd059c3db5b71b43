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

/** What {@code train} is told of optimisers and schedules. */
class UpdateOptionsTest {
    @TempDir
    private static Path folder;
    private static Path text;

    @BeforeAll
    static void write() {
        text = Tiny.text(folder);
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
