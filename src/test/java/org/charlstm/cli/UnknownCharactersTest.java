package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.io.ModelFile;
import org.charlstm.run.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts with characters that the model lacks, refused or without them. */
class UnknownCharactersTest {
    /** Five unknown characters of 40; the third line has no others, the fourth is blank. */
    private static final String ODD =
            "a \u00E9cat sits\nthe \uD83D\uDC31bus is here\n\u00E9\u00E9\n\na dog runs\u00E9\n";
    private static final String CLEAN = "a cat sits\nthe bus is here\na dog runs\n";

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;
    private static Path odd;
    private static Path clean;

    @BeforeAll
    static void train() {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"));
        odd = Tiny.text(folder, "odd.txt", ODD);
        clean = Tiny.text(folder, "clean.txt", CLEAN);
    }

    private static JsonObject json(Object... line) {
        return JsonParser.parseString(Tool.output(line)).getAsJsonObject();
    }

    @Test
    void refusalsNameTheOptionWhereThereIsOne() {
        Path out = folder.resolve("new");
        for (Object[] line : List.of(new Object[] {"eval", model, odd},
                Tiny.training(text, out, "--validation", odd))) {
            String message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(
                    message.contains(odd + ", line 1: the character U+00E9 '\u00E9' is not in the model's vocabulary")
                            && message.endsWith("; --unknown skip leaves such characters out"),
                    message);
        }
        String message = Refusal.of(Main.FAILED, folder, "sample", model, "--prime", "a \u00E9");
        assertTrue(message.contains("the beginning: the character U+00E9")
                && message.endsWith("; --unknown skip leaves such characters out"), message);
        for (Object[] line : List.of(new Object[] {"verify", model, odd},
                new Object[] {"top", model, "--prefix", "\u00E9"},
                Tiny.training(odd, out, "--init", model))) {
            message = Refusal.of(Main.FAILED, folder, line);
            assertTrue(message.contains("U+00E9") && !message.contains("--unknown"), message);
        }
    }

    @Test
    void evalLeavesThemOutAndSaysSo() {
        assertTrue(
                Tool.output("eval", model, odd, "--unknown", "skip").endsWith("\nover 3 captions of 18 steps (2 blank "
                        + "lines skipped, 5 of 40 characters left out, which the model lacks)\n"),
                () -> Tool.output("eval", model, odd, "--unknown", "skip"));
        JsonObject without = json("eval", model, odd, "--unknown", "skip", "--json");
        assertEquals(5, without.remove("unknown").getAsInt());
        assertEquals(40, without.remove("characters").getAsInt());
        assertEquals(json("eval", model, clean, "--json"), without);
        assertEquals(0, json("eval", model, clean, "--unknown", "skip", "--json").get("unknown").getAsInt());
        Path nothing = Tiny.text(folder, "nothing.txt", "\u00E9\n \u00E9\n");
        assertTrue(Refusal.of(Main.FAILED, folder, "eval", model, nothing, "--unknown", "skip")
                .contains(nothing + " has no caption with a character that the model's vocabulary has"));
    }

    /** Whatever is left out, windows have their length and, but for the last, their number. */
    @Test
    void runningTextIsCutIntoWindowsOfWhatIsLeft() {
        Path book = Tiny.text(folder, "book.txt", "a cat sits\na dog runs\n".repeat(5));
        Path run = folder.resolve("running");
        Tiny.train(book, run, "--window", 6, "--epochs", 1);
        Path spoilt = Tiny.text(folder, "spoilt.txt", "a c\u00E9at sits\na dog\uD83D\uDC31 runs\n".repeat(5));
        for (int most : new int[] {2, 1000}) {
            JsonObject without = json("eval", run, spoilt, "--unknown", "skip", "--max-samples", most, "--json");
            assertEquals(10, without.remove("unknown").getAsInt());
            assertEquals(120, without.remove("characters").getAsInt());
            assertEquals(json("eval", run, book, "--max-samples", most, "--json"), without);
        }
        Path few = Tiny.text(folder, "few.txt", "a c\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9");
        assertTrue(Refusal.of(Main.FAILED, folder, "eval", run, few, "--unknown", "skip")
                .contains(few + " has 3 characters that the model's vocabulary has; one window of the model takes 7"));
    }

    @Test
    void samplesBeginWithWhatIsLeft() {
        Tool tool = Tool.run("sample", model, "--prime", "\u00E9a\uD83D\uDC31 d", "--unknown", "skip");
        assertEquals(0, tool.code());
        assertEquals(Tool.output("sample", model, "--prime", "a d"), tool.out());
        assertEquals("charlstm: of --prime 2 of 5 characters left out, which the model lacks\n", tool.err());
        assertEquals(Tool.output("sample", model, "--prime", "a d"),
                Tool.output("sample", model, "--prime", "a d", "--unknown", "skip"));
    }

    private static List<Double> validated(Path run) throws IOException {
        return Files.readAllLines(run.resolve(RunFolder.METRICS)).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject().get("val_loss").getAsDouble()).toList();
    }

    @Test
    void aRunIsValidatedOnWhatIsLeftAndGoesOnSo() throws IOException {
        Path whole = folder.resolve("whole");
        Tool.output(Tiny.training(text, whole, "--epochs", 3, "--validation", clean));
        Path parts = folder.resolve("parts");
        String printed =
                Tool.output(Tiny.training(text, parts, "--epochs", 1, "--validation", odd, "--unknown", "skip"));
        assertTrue(printed.contains("\n3 captions from " + odd + " for validation (2 blank lines skipped, 5 of 40 "
                + "characters left out, which the model lacks)\n"), printed);
        assertTrue(Files.readString(parts.resolve(RunFolder.RUN)).contains("\"validation_unknown\": 5"));
        Tool.output("train", "--resume", parts, "--epochs", 2);
        String refused =
                Refusal.of(Main.USAGE, folder, "train", "--resume", parts, "--epochs", 3, "--unknown", "refuse");
        assertTrue(refused.contains("--unknown is refuse, but " + parts + " was begun with skip; leave it out"),
                refused);
        // What is left is what counts, and what is left out may differ.
        Path moved = Tiny.text(folder, "moved.txt", ODD.replace("\u00E9", "\u00FC"));
        Tool.output("train", "--resume", parts, "--epochs", 3, "--validation", moved, "--unknown", "skip");
        assertEquals(validated(whole), validated(parts));
        assertArrayEquals(Files.readAllBytes(whole.resolve(ModelFile.NAME)),
                Files.readAllBytes(parts.resolve(ModelFile.NAME)));
        Path another = Tiny.text(folder, "another.txt", ODD.replace("cat", "dog"));
        refused = Refusal.of(Main.FAILED, folder, "train", "--resume", parts, "--epochs", 4, "--validation", another);
        assertTrue(refused.contains("or was validated on another than " + another), refused);
        // A run without any goes on as before there was a choice.
        Tool.output("train", "--resume", whole, "--epochs", 4);
        assertFalse(Files.readString(whole.resolve(RunFolder.RUN)).contains("validation_unknown"));
    }

    @Test
    void refusesWhatIsNeitherOrChangesNothing() {
        Stream.of(new Object[] {"eval", model, odd}, new Object[] {"sample", model},
                Tiny.training(text, folder.resolve("new"), "--validation", odd)).forEach(line -> {
                    String message = Refusal.of(Main.USAGE, folder,
                            Stream.concat(Stream.of(line), Stream.of("--unknown", "ignore")).toArray());
                    assertTrue(message.contains("--unknown is 'ignore'; there are refuse, skip"), message);
                });
        for (Object[] more : List.of(new Object[0], new Object[] {"--validation-split", 0.5})) {
            String message = Refusal.of(Main.USAGE, folder, Stream.concat(
                    Stream.of(Tiny.training(text, folder.resolve("new"), "--unknown", "skip")), Stream.of(more))
                    .toArray());
            assertTrue(message.contains("--unknown is skip, but there is no --validation text"), message);
        }
    }
}
