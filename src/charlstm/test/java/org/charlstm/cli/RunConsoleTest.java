package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.options.RunOptions;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.nn.Model;
import org.charlstm.run.RunListener;
import org.charlstm.run.Setup;
import org.charlstm.run.TrainingRun;
import org.charlstm.run.TrainingText;
import org.charlstm.text.Captions;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bar of an epoch. */
@Tag("outside")
class RunConsoleTest {
    private static final TrainingText TEXT = TrainingText.of(Captions.of(List.of("a cat", "a dog", "two cats")));
    private static final Setup SETUP = Setup.LAB.sized(4, 1, 4).training(new TrainingOptions(1, 0.01, 1, true));
    /** Longer than a line of the bar stays. */
    private static final int MILLIS = 250;

    @TempDir
    private Path folder;

    /** The first step warms up: by it the rest would take hours. */
    @Test
    void theFirstStepGivesNoSpeedAndNoTimeLeft() throws InterruptedException {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(shown, true, StandardCharsets.UTF_8);
        try (Device device = TestDevices.open("reference");
                Model model = new Model(device, SETUP.weights(TEXT.vocabulary().size()));
                RunConsole console = new RunConsole(new Console(err, err, 100), new TrainingRun(model, TEXT, SETUP),
                        new RunOptions(), Optional.empty())) {
            console.epoch(1);
            Thread.sleep(MILLIS);
            console.step(1, 3, () -> 2.5);
            String first = shown.toString(StandardCharsets.UTF_8);
            assertTrue(first.contains(" 33%") && first.contains("loss 2.500") && !first.contains("left"), first);
            Thread.sleep(MILLIS);
            console.step(2, 3, () -> 2.5);
            String second = shown.toString(StandardCharsets.UTF_8).substring(first.length());
            assertTrue(second.contains(" 66%") && second.matches("(?s).*/s  \\d+:\\d\\d left.*"), second);
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
}
