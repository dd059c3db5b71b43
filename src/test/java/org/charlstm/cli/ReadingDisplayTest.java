package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is seen of the reading of a text. */
class ReadingDisplayTest {
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
        assertEquals("\r" + line + "\r" + " ".repeat(79) + "\r", shown(80, 0));
        assertEquals("\r" + line.substring(line.length() - 29) + "\r" + " ".repeat(29) + "\r", shown(30, 0));
    }

    @Test
    void whatIsQuickOrNoTerminalIsSilent() {
        assertEquals("", shown(80, Long.MAX_VALUE / 2));
        assertEquals("", shown(0, 0));
    }
}
