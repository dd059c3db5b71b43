package org.charlstm.cli.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.InProcesses;
import org.charlstm.base.ShellWord;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.cli.console.Console;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tool's words that a shell reads: its script of completions, and the command lines that it shows. */
@InProcesses
@Needs(Need.BASH)
class ShellTest {
    private static final String CALLED = "'/opt/my tools/charlstm'";

    @TempDir
    private Path folder;

    @BeforeEach
    void writeTheScript() throws IOException {
        Files.writeString(folder.resolve("script"), Tool.output("completion"));
    }

    /** The words offered for the last word. */
    private List<String> offered(String... words) throws IOException, InterruptedException {
        String function = "f=$(complete -p charlstm | sed 's/.* -F \\([^ ]*\\) .*/\\1/')";
        String line = "source ./script; " + function + "; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
                + "COMP_LINE=\"$*\"; COMP_POINT=${#COMP_LINE}; $f charlstm \"${@: -1}\"; "
                + "printf '%s\\n' \"${COMPREPLY[@]}\"";
        ProcessBuilder builder = new ProcessBuilder(Bash.file().toString(), "-c", line, "bash", "charlstm");
        builder.command().addAll(List.of(words));
        Process process = builder.directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text.lines().filter(each -> !each.isEmpty()).map(String::strip).sorted().toList();
    }

    @Test
    void commandsAreOffered() throws IOException, InterruptedException {
        assertEquals(List.of("sample", "score", "selftest", "serve", "show"), offered("s"));
        assertEquals(List.of("sample", "score", "selftest", "serve", "show"), offered("help", "s"));
        assertTrue(offered("bench", "c").contains("compare"));
        assertTrue(offered("bench", "m").contains("merge"));
    }

    @Test
    void optionsAreOffered() throws IOException, InterruptedException {
        assertEquals(List.of("--batch-norm", "--batch-size"), offered("train", "--ba"));
    }

    @Test
    void namesThatAnOptionTakesAreOffered() throws IOException, InterruptedException {
        assertEquals(List.of("cpu", "cuda", "cudasim"), offered("train", "--device", "c"));
        assertEquals(List.of("bf16"), offered("train", "--precision", "b"));
        assertEquals(List.of("adam", "adamw"), offered("train", "--optimizer", "a"));
        assertEquals(List.of("hard_sigmoid"), offered("import", "--recurrent-activation", "h"));
        assertEquals(List.of("pytorch"), offered("export", "--format", "p"));
        assertEquals(List.of("appearance"), offered("import", "--order", "a"));
        assertEquals(List.of("jcuda"), offered("eval", "--cuda-binding", "j"));
        assertEquals(List.of("standard"), offered("top", "--rnn-algo", "s"));
        assertEquals(List.of("fused"), offered("sample", "--rnn-engine", "f"));
    }

    @Test
    void filesAreOffered() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("captions.txt"), "a cat\n");
        assertEquals(List.of("captions.txt"), offered("train", "--init", "cap"));
        assertEquals(List.of("captions.txt"), offered("train", "cap"));
    }

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
