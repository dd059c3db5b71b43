package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.charlstm.InProcesses;
import org.charlstm.machine.Bash;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script of {@code charlstm completion}, in bash: what it offers at the end of a line. */
@InProcesses
@Needs(Need.BASH)
class CompletionTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void writeTheScript() throws IOException {
        Files.writeString(folder.resolve("script"), Tool.output("completion"));
    }

    /** What is offered for the last word. */
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
        assertEquals(List.of("fused"), offered("sample", "--lstm", "f"));
    }

    @Test
    void filesAreOffered() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("captions.txt"), "a cat\n");
        assertEquals(List.of("captions.txt"), offered("train", "--init", "cap"));
        assertEquals(List.of("captions.txt"), offered("train", "cap"));
    }
}
