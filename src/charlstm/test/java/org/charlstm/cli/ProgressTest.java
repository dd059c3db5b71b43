package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cli.console.Console;
import org.charlstm.cli.console.ReadingDisplay;
import org.charlstm.cli.console.Terminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The progress that a terminal shows while a text is read and a model is trained, and before an experiment. */
class ProgressTest {
    /** After a moment of so long, at two places of a file of a name that is hard to show. */
    private static String shown(int columns, long moment) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(err, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8), columns);
        try (ReadingDisplay display =
                new ReadingDisplay(console, List.of(Path.of("folder", "capt\u001b\nions.txt")), moment)) {
            display.read(120_300_000, 208_000_009);
            // Too soon to be shown.
            display.read(130_000_000, 208_000_009);
        }
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aTerminalSaysHowFarItIs() {
        String line = "reading capt\uFFFD ions.txt: 120 of 208 MB";
        assertEquals("\r" + line + " ".repeat(79 - line.length()) + "\r" + " ".repeat(79) + "\r", shown(80, 0));
        assertEquals("\r" + line.substring(line.length() - 29) + "\r" + " ".repeat(29) + "\r", shown(30, 0));
    }

    /** One that cuts lines off instead has nothing above the line to wipe. */
    @Test
    void ofANarrowerTerminalAllRowsOfTheLineAreWiped() {
        for (boolean rewraps : new boolean[] {true, false}) {
            AtomicInteger columns = new AtomicInteger(100);
            Terminal terminal = new Terminal(columns::get, rewraps);
            assertEquals("\r" + "x".repeat(99), terminal.replacing("x".repeat(200)));
            columns.set(33);
            assertEquals("\r" + (rewraps ? "\033[2A\033[J" : "") + "x".repeat(32), terminal.replacing("x".repeat(200)));
            assertEquals("\r" + "y".repeat(20) + " ".repeat(12), terminal.replacing("y".repeat(20)));
            columns.set(20);
            assertEquals("\r" + (rewraps ? "\033[1A\033[J" : "") + " ".repeat(19) + "\r", terminal.wiping());
            columns.set(2);
            assertEquals("\rx", terminal.replacing("xy"), "nothing stands there any more");
        }
    }

    @Test
    void whatIsQuickOrNoTerminalIsSilent() {
        assertEquals("", shown(80, Long.MAX_VALUE / 2));
        assertEquals("", shown(0, 0));
    }

    @Test
    void progressOfTrainingIsOnOneLineOfStandardErrorAlone(@TempDir Path folder) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console terminal = new Console(new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8), 80);
        assertEquals(0, Main.run(terminal, Stream.of(Tiny.training(Tiny.text(folder), folder.resolve("run"), "--epochs",
                2)).map(Object::toString).toArray(String[]::new)));
        assertFalse(out.toString(StandardCharsets.UTF_8).contains("\r"), "progress on standard output");
        String shown = err.toString(StandardCharsets.UTF_8);
        assertTrue(shown.contains("epoch 1/2 ") && !shown.contains("\n"), shown);
    }

    @Test
    void aBusyMachineIsPointedOut() {
        assertEquals(Optional.of("the load of the last minute is 14.2 on 2 processors: others compute here too, and "
                + "epochs take longer than they would alone; measure when it is idle"), BenchConsole.busy(14.23, 2));
        assertEquals(Optional.empty(), BenchConsole.busy(2.9, 2));
        assertEquals(Optional.empty(), BenchConsole.busy(-1, 2));
    }
}
