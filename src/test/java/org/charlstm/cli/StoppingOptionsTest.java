package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.nn.Model;
import org.charlstm.report.EventFile;
import org.charlstm.report.Report;
import org.charlstm.run.RunFolder;
import org.charlstm.run.RunListener;
import org.charlstm.run.Setup;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingText;
import org.charlstm.text.Captions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code train} is told of when to stop. */
class StoppingOptionsTest {
    @TempDir
    private static Path folder;
    private static Path text;

    @BeforeAll
    static void write() {
        text = Tiny.text(folder);
    }

    @Test
    void theTestIsToldOnceAtTheEnd() throws IOException {
        Path out = folder.resolve("tested");
        String printed = Tool.output(Tiny.training(text, out, "--validation-split", 0.2, "--test-split", 0.1,
                "--learning-rate", 0.1, "--epochs", 9, "--patience", 2, "--tensorboard"));
        assertTrue(
                printed.contains("\ninputs (14, ") && printed.contains("\n4 captions from the last before the test's "
                        + "of " + text + " for validation\n2 captions from the last of " + text + " for the test\n"),
                printed);
        Matcher line = Pattern.compile("\ntest: epoch (\\d), test_loss (\\d\\.\\d{4}), (\\d\\.\\d{3}) "
                + "test_bits/character\n").matcher(printed);
        assertTrue(line.find() && printed.contains("\nbest: epoch " + line.group(1) + ", "), printed);
        assertEquals(printed.indexOf("test_loss"), printed.lastIndexOf("test_loss"));
        assertFalse(Files.readString(out.resolve(RunFolder.METRICS)).contains("test"), "tested after an epoch");
        String report = Files.readString(out.resolve(Report.NAME));
        assertTrue(report.contains("<dt>Test loss</dt><dd>" + line.group(2))
                && report.contains("<dt>Test bits per character</dt><dd>" + line.group(3)), report);
        String shown = Tool.output("show", out, "--best");
        assertTrue(shown.contains("\ntest                  loss " + line.group(2) + " of epoch " + line.group(1)
                + ", on 2 captions\n"), shown);
        try (Stream<Path> files = Files.list(out)) {
            Path events = files.filter(file -> file.getFileName().toString().startsWith(EventFile.PREFIX)).findAny()
                    .orElseThrow();
            String written = Files.readString(events, StandardCharsets.ISO_8859_1);
            assertTrue(written.contains("test_loss") && written.contains("test_real_loss")
                    && written.contains("test_bits_per_character"), "no events");
        }
    }

    /** The signal comes as the run has trained, and before its test. */
    @Test
    void aTestThatIsInterruptedIsSaidWithWhatMakesUpForIt() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), 0);
        TrainingText learned = TrainingText.of(Captions.of(List.of("a cat", "a dog"))).testing(1);
        Setup setup = Setup.LAB.sized(3, 1, 0).epochs(1);
        Path kept = folder.resolve("interrupted");
        try (Device device = TestDevices.open("cpu");
                Model model = new Model(device, setup.weights(learned.vocabulary().size()))) {
            TrainingRun run = new TrainingRun(model, learned, setup);
            try (RunConsole shown = new RunConsole(console, run, new RunOptions(), Optional.empty())) {
                run.add(shown).add(new RunListener() {
                    @Override
                    public void trained(TrainingRun.End end) {
                        Objects.requireNonNull(shown.interruption).signalled(2);
                    }
                });
                assertEquals(Main.INTERRUPTED, shown.exitCode(run.train(kept, false)));
            }
        }
        assertEquals("charlstm: leaving out the test; once more ends it at once\n",
                err.toString(StandardCharsets.UTF_8));
        String printed = out.toString(StandardCharsets.UTF_8);
        assertTrue(printed.startsWith("2 captions from the captions, 10 characters\n"), printed);
        assertTrue(printed.contains("\n1 caption from the last of the captions for the test\n"), printed);
        assertTrue(printed.contains("\nthe test is left out; to make up for it: charlstm train --resume " + kept
                + "\n"), printed);
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
                + "; --patience 3 or more trains on\n"), again);
        String trained = Tool.output("train", "--resume", out, "--epochs", epochs);
        assertTrue(trained.contains("\nall of " + epochs + " epochs have been trained; a larger --epochs with "
                + "--patience 3 or more trains on\n"), trained);
        byte[] best = Files.readAllBytes(out.resolve(RunFolder.BEST));
        Files.delete(out.resolve(RunFolder.BEST));
        Tool without = Tool.run("train", "--resume", out);
        assertTrue(without.err().matches("charlstm: warning: the model of the best epoch is not there: "
                + "best\\.safetensors is kept from the first epoch on that is better than epoch " + (epochs - 2)
                + ", validation loss \\d\\.\\d{4}\n"), without.err());
        assertTrue(without.out().contains(", whose model is not kept\n"), without.out());
        Files.write(out.resolve(RunFolder.BEST), best);
        assertEquals(epochs, Files.readAllLines(out.resolve(RunFolder.METRICS)).size());
        String on = Tool.output("train", "--resume", out, "--patience", 1000, "--epochs", epochs + 1);
        assertTrue(on.contains("\nepoch " + (epochs + 1) + "/" + (epochs + 1) + "  "), on);
        assertEquals(
                "charlstm: --monitor is loss, but " + out + " was begun without it; leave it out, or begin another "
                        + "run from its weights with --init " + out,
                Refusal.of(Main.USAGE, folder, "train", "--resume", out, "--monitor", "loss"));
    }
}
