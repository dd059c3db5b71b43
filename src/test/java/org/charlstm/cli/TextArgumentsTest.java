package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.charlstm.bench.TextSource;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts as commands take them: several files, folders, standard input, gzip, COCO's JSON, other encodings. */
class TextArgumentsTest {
    @TempDir
    private static Path folder;
    private static Path whole;
    private static Path model;
    private static Path texts;

    @BeforeAll
    static void train() throws IOException {
        whole = Tiny.text(folder);
        model = Tiny.train(whole, folder.resolve("run"));
        texts = Files.createDirectory(folder.resolve("texts"));
        Tiny.text(texts, "1.txt", String.join("\n", Tiny.CAPTIONS.subList(0, 5)));
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(String.join("\n", Tiny.CAPTIONS.subList(5, 12)).getBytes(StandardCharsets.UTF_8));
        }
        Files.write(texts.resolve("2.txt.gz"), packed.toByteArray());
        Tiny.text(texts, "3.json", "{\"images\": [], \"annotations\": [{\"caption\": \""
                + String.join("\"}, {\"caption\": \"", Tiny.CAPTIONS.subList(12, 20)) + "\"}]}");
    }

    private static <T> T with(String standardInput, Supplier<T> running) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(standardInput.getBytes(StandardCharsets.UTF_8)));
        try {
            return running.get();
        } finally {
            System.setIn(before);
        }
    }

    /** Whatever holds them, the captions are the same to every command. */
    @Test
    void everyCommandTakesThemAll() throws IOException {
        String evaluated = Tool.output("eval", model, whole);
        String verified = Tool.output("verify", model, whole, "--caption", 13);
        String encoded = Tool.output("encode", whole, "--caption", 13);
        assertEquals(evaluated, Tool.output("eval", model, texts));
        assertEquals(verified, Tool.output("verify", model, texts, "--caption", 13));
        assertEquals(encoded, Tool.output("encode", texts, "--caption", 13));
        Object[] parts = {texts.resolve("1.txt"), texts.resolve("2.txt.gz"), texts.resolve("3.json")};
        assertEquals(evaluated, Tool.output("eval", model, parts[0], parts[1], parts[2]));
        assertEquals(encoded, Tool.output("encode", parts[0], parts[1], parts[2], "--caption", 13));
        String content = Files.readString(whole);
        assertEquals(evaluated, with(content, () -> Tool.output("eval", model, "-")));
        assertEquals(encoded, with(content, () -> Tool.output("encode", "-", "--caption", 13)));
        String rest = String.join("\n", Tiny.CAPTIONS.subList(5, 20));
        assertEquals(verified, with(rest, () -> Tool.output("verify", model, parts[0], "-", "--caption", 13)));
        assertTrue(with("a cat\na \u00E9", () -> Refusal.of(Main.FAILED, folder, "eval", model, parts[0], "-"))
                .contains("standard input, line 2: the character U+00E9"));
    }

    /** It is trained on as one file of the same captions is, and gone on with, which the run remembers. */
    @Test
    void aRunOfSeveralTextsGoesOn() throws IOException {
        Path straight = folder.resolve("straight");
        Tool.output(Tiny.training(whole, straight, "--epochs", 2, "--validation", texts));
        Path resumed = folder.resolve("resumed");
        String said = Tool.output(Tiny.training(texts.resolve("1.txt"), resumed, texts.resolve("2.txt.gz"),
                texts.resolve("3.json"), "--epochs", 1, "--validation", whole));
        assertTrue(said.startsWith("20 captions from " + texts.resolve("1.txt") + " and 2 more, "), said);
        Tool.output("train", "--resume", resumed, "--epochs", 2);
        assertArrayEquals(Files.readAllBytes(straight.resolve(ModelFile.NAME)),
                Files.readAllBytes(resumed.resolve(ModelFile.NAME)));
    }

    @Test
    void aRunOfStandardInputGoesOnWhereThatIsNamedAgain() {
        Path run = folder.resolve("piped");
        String content = String.join("\n", Tiny.CAPTIONS);
        with(content, () -> Tool.output(Tiny.training("-", run, "--epochs", 1)));
        String message = Refusal.of(Main.FAILED, folder, "train", "--resume", run, "--epochs", 2);
        assertTrue(message.endsWith("the text of " + run
                + " was standard input; name it again, or a file that has the same, after the run"), message);
        with(content, () -> Tool.output("train", "--resume", run, "-", "--epochs", 2));
        Tool.output("train", "--resume", run, whole, "--epochs", 3);
    }

    @Test
    void standardInputIsReadOnce() {
        for (Object[] line : List.of(new Object[] {"encode", "-", whole, "-"}, new Object[] {"eval", model, "-", "-"},
                Tiny.training("-", folder.resolve("new"), "-"))) {
            assertTrue(Refusal.of(Main.USAGE, folder, line).endsWith("- is named twice; standard input is read once"));
        }
        assertTrue(Refusal.of(Main.USAGE, folder, Tiny.training("-", folder.resolve("new"), "--validation", "-"))
                .endsWith("--validation is -, and so is the text; standard input is read once"));
        assertTrue(Refusal.of(Main.USAGE, folder, "bench", "-", "--out", folder.resolve("new"))
                .contains("- is no text for bench: "));
    }

    @Test
    void encodingsAreNamed() throws IOException {
        Path western =
                Files.write(folder.resolve("western.txt"), "a caf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(Tool.output("encode", western, "--encoding", "windows-1252").contains("a caf\u00E9\n"));
        assertEquals(List.of("a caf\u00E9"),
                new TextSource(List.of(western.toString()), "latin1", 0, null, new JsonObject(), 0).read().texts());
        String message = Refusal.of(Main.FAILED, folder, "encode", western);
        assertTrue(message.endsWith(western + ", line 1 is not valid UTF-8 (byte 6 of the text, 0xE9); it would fit "
                + "windows-1252 or ISO-8859-1; name its encoding (--encoding)"), message);
        for (Object[] line : List.of(new Object[] {"train", "--encoding", "latin1", "--out", folder.resolve("new")},
                new Object[] {"bench", "--encoding", "latin1", "--out", folder.resolve("new")})) {
            assertTrue(Refusal.of(Main.USAGE, folder, line).endsWith("--encoding is latin1, but no text is named; the "
                    + "built-in captions are in no file, so leave it out"));
        }
        for (String unknown : List.of("UTF-9", "", "a b")) {
            for (Object[] line : List.of(new Object[] {"encode", western, "--encoding=" + unknown},
                    new Object[] {"bench", western, "--encoding=" + unknown, "--out", folder.resolve("new")},
                    Tiny.training(western, folder.resolve("new"), "--encoding=" + unknown))) {
                message = Refusal.of(Main.USAGE, folder, line);
                assertTrue(message.contains("--encoding is '" + unknown + "', which Java knows no encoding by; there "),
                        message);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"tinyshakespeare.txt,UTF-8", "nietzsche.txt,windows-1252"})
    @Needs(data = {"tinyshakespeare.txt", "nietzsche.txt"})
    void textsOfOthersAreTrainedOn(String name, String encoding) {
        Path text = TestData.file(name);
        String said =
                Tool.output("train", text, "--encoding", encoding, "--window", 40, "--max-samples", 64, "--epochs",
                        1, "--hidden", 8, "--out", folder.resolve(name), "--device", "cpu");
        assertTrue(said.startsWith("64 windows from " + text + ", "), said);
        assertTrue(Files.exists(folder.resolve(name).resolve(ModelFile.NAME)));
    }
}
