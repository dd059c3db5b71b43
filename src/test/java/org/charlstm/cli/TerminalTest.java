package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.charlstm.InProcesses;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody at a terminal sees, and when: on a pseudo-terminal, as util-linux' script makes one. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@InProcesses
@Needs(Need.SCRIPT)
class TerminalTest {
    private static final Pattern HOW_FAR = Pattern.compile("\repoch 1/2 +\\d+% \\[=* *]  "
            + "loss \\d\\.\\d+  [\\d,]+k/s  \\d+:\\d\\d left *(?=\r)");

    @TempDir
    private Path folder;

    /** The tool on a pseudo-terminal of its own. */
    private static Process onTerminal(Object... arguments) throws IOException {
        List<Object> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java"),
                "--enable-native-access=ALL-UNNAMED"));
        line.addAll(Jvm.VECTORS);
        line.addAll(List.of("-Dcharlstm.columns=90", "-cp", System.getProperty("java.class.path"),
                Main.class.getName()));
        line.addAll(List.of(arguments));
        return new ProcessBuilder("script", "-qec",
                line.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")), "/dev/null")
                .redirectErrorStream(true).start();
    }

    /** The progress of an epoch is there while it runs: what is seen is acted on, and the epoch is not over then. */
    @Test
    @Needs(Need.INTERRUPTS)
    void howFarAnEpochIsIsSeenWhileItRuns() throws IOException, InterruptedException {
        Path text = Tiny.text(folder, "captions.txt", (String.join("\n", Tiny.CAPTIONS) + "\n").repeat(150));
        Process process = onTerminal(Tiny.training(text, folder.resolve("run"), "--epochs", 2));
        StringBuilder seen = new StringBuilder();
        InputStream screen = process.getInputStream();
        byte[] some = new byte[4096];
        boolean interrupted = false;
        for (int n; (n = screen.read(some)) > 0;) {
            seen.append(new String(some, 0, n, StandardCharsets.UTF_8));
            if (!interrupted && HOW_FAR.matcher(seen).find()) {
                // Ctrl-C.
                process.outputWriter().append('\3').flush();
                interrupted = true;
            }
        }
        String all = seen.toString();
        assertTrue(interrupted, all);
        assertEquals(Main.INTERRUPTED, process.waitFor(), all);
        assertTrue(all.contains("interrupted in epoch 1; the weights after the last step are in"), all);
        assertFalse(all.contains("characters/s"), all);
        Matcher bars = Pattern.compile("\r(epoch 1/2[^\r]*)").matcher(all);
        assertTrue(bars.find());
        assertEquals("epoch 1/2   0% [" + " ".repeat(30) + "]", bars.group(1).strip());
        assertEquals(89, bars.group(1).length());
    }

    /** Somebody answers once the choices are there: the first, a number, a character, a step back, the end. */
    @Test
    void aSentenceIsPickedByHand() throws IOException, InterruptedException {
        Path model = Tiny.train(Tiny.text(folder), folder.resolve("run"), "--epochs", 5);
        Process process = onTerminal("sample", model, "--interactive", "--prime", "a c", "--threads", 1);
        StringBuilder seen = new StringBuilder();
        InputStream screen = process.getInputStream();
        byte[] some = new byte[4096];
        List<String> answers = List.of("d", "Q", "-", "'a'", "t", ".");
        List<String> texts = List.of("a c", "a cd", "a cd", "a c", "a ca", "a cat");
        int answered = 0;
        int from = 0;
        for (int n; (n = screen.read(some)) > 0;) {
            seen.append(new String(some, 0, n, StandardCharsets.UTF_8));
            if (answered < answers.size()) {
                Matcher choices = Pattern.compile("\"" + texts.get(answered)
                        + "\"\\s+1 [^\r\n]+%  2 [^\r\n]+%  9 [^\r\n]+%\r?\n").matcher(seen);
                if (choices.find(from)) {
                    from = choices.end();
                    process.outputWriter().append(answers.get(answered) + "\n").flush();
                    answered++;
                }
            }
        }
        String all = seen.toString();
        assertEquals(answers.size(), answered, all);
        assertEquals(0, process.waitFor(), all);
        assertTrue(all.contains("'Q' is neither a number from 1 to 9 nor one of the model's"), all);
        assertTrue(all.endsWith("\r\na cat\r\n"), all);
    }
}
