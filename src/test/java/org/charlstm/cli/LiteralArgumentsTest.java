package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arguments mean what they say: {@code @} names no file, quotes stay, a line break is a character like others. */
class LiteralArgumentsTest {
    @TempDir
    private static Path folder;
    private static Path model;
    private static String file;

    /** The captions hold the name of a file that exists, so that only its expansion can keep it out of a sentence. */
    @BeforeAll
    static void train() {
        file = "@" + Tiny.text(folder, "arguments", "--count\n1\n");
        model = Tiny.train(Tiny.text(folder, "captions.txt", file + "\n@ 'a' \"b\" ${c} -\n"), folder.resolve("run"));
    }

    private static void begins(String prime) {
        List<String> lines = Tool.output("sample", model, "--count", 2, "--prime=" + prime).lines().toList();
        assertEquals(2, lines.size());
        for (String line : lines) {
            assertTrue(line.startsWith(prime), line);
        }
        assertEquals(2, Tool.output("top", model, "-k", 2, "--prefix=" + prime).lines().count());
    }

    @Test
    void anAtSignNamesNoFile() {
        begins(file);
        assertTrue(Tool.output("sample", model, "--count", 1, "--prime", file).startsWith(file));
    }

    @Test
    void quotesDollarsAndDashesAreCharacters() {
        begins("\"b\"");
        begins("'a'");
        begins("${c}");
        begins("-");
        begins("@");
        begins(" ");
    }

    @Test
    void aLineBreakIsAnUnknownCharacter() {
        for (Object[] line : List.of(new Object[] {"sample", model, "--prime", "a\nb"},
                new Object[] {"top", model, "--prefix", "a\nb"})) {
            String message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(message.contains("the character U+000A is not in the model's vocabulary"), message);
        }
    }

    @Test
    void aTextMayBeCalledAnything() {
        Path odd = Tiny.text(folder, "@a 'b' %s", "a cat\n");
        assertTrue(Tool.output("encode", odd).contains("\u22A2a cat\n"));
        String out = Tool.output(Tiny.training(odd, folder.resolve("%d"), "--epochs", 0));
        assertTrue(out.contains(odd.toString()), out);
    }
}
