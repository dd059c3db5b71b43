package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.charlstm.run.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code train} is told of when to stop. */
class StoppingOptionsTest {
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
                    --patience 0 | --patience is 0; it must be at least 1
                    --patience -1 | --patience is -1; it must be at least 1
                    --monitor seconds | --monitor is 'seconds'; there are loss, val_loss
                    --monitor val_loss | --monitor is val_loss, but there is no validation; give --validation-split""")
    void whatCannotBeIsOneLine(String options, String message) {
        Object[] line = Stream.concat(Stream.of("train", text), Stream.of(options.split(" "))).toArray();
        assertEquals("charlstm: " + message, Refusal.of(Main.USAGE, folder, line));
    }

    /** A large rate makes losses go up and down. */
    @Test
    void aRunThatStopsEarlySaysSoAndIsWhole() throws IOException {
        Path out = folder.resolve("run");
        String printed = Tool.output(Tiny.training(text, out, "--validation-split", 0.2, "--learning-rate", 0.1,
                "--epochs", 40, "--patience", 2));
        int epochs = Files.readAllLines(out.resolve(RunFolder.METRICS)).size();
        assertTrue(epochs > 2 && epochs < 40, epochs + " epochs");
        assertTrue(printed.matches("(?s).*\nstopped early after epoch " + epochs + ": the best is epoch " + (epochs - 2)
                + ", validation loss \\d\\.\\d{4}; --patience is 2\n.*\nreport: .*\nbest: epoch " + (epochs - 2)
                + ", validation loss .*\nsaved in .*"), printed);
        assertTrue(Files.exists(out.resolve(RunFolder.SAMPLES)), "no sentences");
        String again = Tool.output("train", "--resume", out);
        assertTrue(again.contains("\nit has stopped early, after epoch " + epochs
                + "; a larger --patience trains on\n"), again);
        assertEquals(epochs, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        String on = Tool.output("train", "--resume", out, "--patience", 1000, "--epochs", epochs + 1);
        assertTrue(on.contains("\nepoch " + (epochs + 1) + "/" + (epochs + 1) + "  "), on);
        assertEquals("charlstm: --monitor is loss, but " + out + " was begun without it; leave it out",
                Refusal.of(Main.USAGE, folder, "train", "--resume", out, "--monitor", "loss"));
    }
}
