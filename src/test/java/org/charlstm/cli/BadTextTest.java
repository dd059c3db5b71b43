package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts that no command can use, given to each that reads one. */
class BadTextTest {
    @TempDir
    private static Path folder;
    private static Path model;

    @BeforeAll
    static void train() {
        model = Tiny.train(Tiny.text(folder), folder.resolve("run"));
    }

    /** Refused by all commands with the text's name and each of the words. */
    private static void refused(Path text, String... words) {
        for (Object[] line : List.of(Tiny.training(text, folder.resolve("new")), new Object[] {"train", text},
                new Object[] {"encode", text}, new Object[] {"eval", model, text},
                new Object[] {"verify", model, text})) {
            String message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(message.contains(text.toString()), message);
            for (String word : words) {
                assertTrue(message.contains(word), message);
            }
        }
    }

    @Test
    void missing() {
        refused(folder.resolve("missing.txt"), "does not exist");
    }

    @Test
    void aFolder() throws IOException {
        refused(Files.createDirectory(folder.resolve("folder")), "is a folder without text");
    }

    @Test
    void empty() {
        refused(Tiny.text(folder, "empty.txt", ""), "is empty");
    }

    @Test
    void onlyBlankLines() {
        refused(Tiny.text(folder, "blank.txt", "\n  \n\t\r\n\u00A0\u3000\n"), "blank", "4");
    }

    @Test
    void onlyAByteOrderMark() {
        refused(Tiny.text(folder, "mark.txt", "\uFEFF"), "is empty");
    }

    @Test
    void randomBytes() throws IOException {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        refused(Files.write(folder.resolve("random.txt"), bytes), "UTF-8", "line 1 ");
    }

    @Test
    void oneByteThatIsNotUtf8() throws IOException {
        refused(Files.write(folder.resolve("latin.txt"), new byte[] {'a', '\n', '\n', 'b', (byte) 0xE4, '\n', 'c'}),
                "UTF-8", "line 3 ");
    }

    @Test
    void aCaptionThatIsTooLong() {
        String tooLong = "a".repeat(10_001);
        refused(Tiny.text(folder, "long.txt", "a cat\n\n" + tooLong + "\na dog\n"), "line 3 ", "10000");
        refused(Tiny.text(folder, "endless.txt", "a cat\n" + tooLong.repeat(9)), "line 2 ", "10000");
        assertTrue(Refusal.of(Main.FAILED, folder, "train", folder.resolve("endless.txt"), "--out",
                folder.resolve("new")).endsWith(
                        "; break it into shorter captions, leave such out, or take all as "
                                + "running text (--max-caption, --window)"));
    }

    @Test
    void theLongestCaptionAllowedIsTaken() {
        Path text = Tiny.text(folder, "longest.txt", "a".repeat(10_000));
        assertTrue(Tool.output("encode", text).contains("(1, 10001, 3)"));
    }

    @Test
    void aCharacterThatTheModelLacks() {
        Path text = Tiny.text(folder, "unknown.txt", "a cat\n\na d\u00F6g\n");
        for (Object[] line : List.of(new Object[] {"eval", model, text},
                new Object[] {"verify", model, text, "--caption", 1},
                new Object[] {"train", text, "--init", model, "--out", folder.resolve("new")})) {
            String message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(message.contains(text + ", line 3: the character U+00F6 '\u00F6'"), message);
        }
    }

    /** Whether one caption fits is no matter of the others: neither what they are made of, nor how long they are. */
    @Test
    void verifyTakesACaptionThatFitsAmongOthersThatDoNot() {
        String fits = Tool.output("verify", model, Tiny.text(folder, "fits.txt", "a cat\n"));
        Path text = Tiny.text(folder, "mixed.txt", "a d\u00F6g\n\n" + "a cat ".repeat(10) + "\na cat\n");
        assertEquals(fits, Tool.output("verify", model, text, "--caption", 2));
        String message = Refusal.of(Main.FAILED, folder, "verify", model, text);
        assertTrue(message.contains(text + ", line 1: the character U+00F6 '\u00F6'"), message);
        message = Refusal.of(Main.USAGE, folder, "verify", model, text, "--caption", 3);
        assertTrue(message.contains("--caption is 3, but " + text + " has 3; the last is 2"), message);
    }

    /** The same of windows of running text. */
    @Test
    void verifyTakesAWindowThatFitsAmongOthersThatDoNot() {
        Path book = Tiny.text(folder, "book.txt", "a cat sits. a dog runs. ");
        Path running = folder.resolve("running");
        Tiny.train(book, running, "--window", 5, "--epochs", 1);
        Path text = Tiny.text(folder, "mixed-book.txt", "a cat\nd\u00F6gs. a dog runs.");
        assertTrue(Tool.output("verify", running, text, "--caption", 2).contains("target     a do\n"));
        String message = Refusal.of(Main.FAILED, folder, "verify", running, text, "--caption", 1);
        assertTrue(message.contains(text + ", line 1: the character U+000A"), message);
    }

    @Test
    void aPrimeOrPrefixThatTheModelLacks() {
        for (Object[] line : List.of(new Object[] {"sample", model, "--prime", "a Zebra"},
                new Object[] {"top", model, "--prefix", "a Zebra"})) {
            String message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(message.contains("U+005A 'Z'"), message);
        }
    }

    /** A character outside the first plane is one character, not two halves. */
    @Test
    void anUnknownCharacterOutsideTheFirstPlaneIsNamedWhole() {
        String message = Refusal.of(Main.FAILED, folder, "sample", model, "--prime", "\uD83D\uDC31");
        assertTrue(message.contains("U+1F431 '\uD83D\uDC31'"), message);
    }
}
