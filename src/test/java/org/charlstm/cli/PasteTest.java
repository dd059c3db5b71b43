package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.charlstm.ShellWord;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of its own that the tool shows: a shell takes them as they are. */
@Needs(Need.BASH)
class PasteTest {
    private static final String CALLED = "'/opt/my tools/charlstm'";

    @TempDir
    private Path folder;

    /** The words after the tool's name of the command that follows a word of a text. */
    private static List<String> command(String text, String before) {
        Matcher line = Pattern.compile(Pattern.quote(before + CALLED) + " (.*)").matcher(text);
        assertTrue(line.find(), text);
        return Bash.words(line.group(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"plain", "runs/2026-01-02_10:00,a+b%", "two words", "it's", "$HOME", "`ls`", "*", "a\\b", "~",
                "=x", "plain=b", "\"", "!!", "#a", "k\u00E4se", "\uD83D\uDC31", "a\nb", "\u001b[2J it's \\ \u009b", "",
                "a;b", "@x"})
    void aShellTakesAWordAsItIs(String word) {
        String quoted = ShellWord.of(word);
        assertEquals(List.of(word, "end"), Bash.words(quoted + " end"));
        assertTrue(quoted.codePoints().noneMatch(Character::isISOControl), quoted);
        assertEquals(word.startsWith("plain") || word.startsWith("runs"), quoted.equals(word), quoted);
    }

    @Test
    void aPathIsNoOption() {
        assertEquals("./-x", ShellWord.of(Path.of("-x")));
        assertEquals("-x", ShellWord.of("-x"));
    }

    @Test
    void theEndOfATrainingCanBePasted() throws IOException {
        Path text = Tiny.text(folder);
        Path out = folder.resolve("a run's $folder");
        Tool trained = Tool.called(CALLED, Tiny.training(text, out, "--epochs", 1));
        List<String> sample = command(trained.out(), "new sentences: ");
        assertEquals(List.of("sample", out.toString()), sample);
        assertEquals(5, Tool.output(sample.toArray()).lines().count());
    }

    @Test
    void whatIsRefusedNamesTheToolAsItWasCalled() {
        assertTrue(Tool.called(CALLED).err().endsWith("; " + CALLED + " --help lists them\n"));
        assertTrue(Tool.called(CALLED, "bench", "compare", "a", "b", "--nonsense").err()
                .endsWith("; " + CALLED + " bench compare --help lists what there is\n"));
        assertTrue(
                Tool.called(CALLED, "train", "--epochs").err()
                        .endsWith("; " + CALLED + " train --help lists what there is\n"));
    }

    @Test
    void aJarIsCalledWithWhatItNeeds() {
        assertEquals("java --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -jar 'my tools/c.jar'",
                Console.ofJar("my tools/c.jar", List.of("-Xmx1g", "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED", "-Dx=y")));
        assertEquals("java -jar target/charlstm.jar", Console.ofJar("target/charlstm.jar", List.of()));
    }
}
