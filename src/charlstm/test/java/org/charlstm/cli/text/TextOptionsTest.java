package org.charlstm.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import module java.base;
import org.charlstm.bench.TextSource;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.machine.Needs;
import org.charlstm.machine.TestData;
import org.charlstm.run.folder.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How commands take texts: several files, folders, standard input, gzip, COCO's JSON, other encodings, captions of at
 * most some length, and texts with characters that the model lacks.
 */
class TextOptionsTest {
    /** Five unknown characters of 40; the third line has no others, the fourth is blank. */
    private static final String ODD =
            "a \u00E9cat sits\nthe \uD83D\uDC31bus is here\n\u00E9\u00E9\n\na dog runs\u00E9\n";
    private static final int LIMIT = 12;

    @TempDir
    private static Path folder;
    private static Path text;
    private static Path model;
    private static Path texts;
    private static Path odd;
    private static Path clean;

    @BeforeAll
    static void train() throws IOException {
        text = Tiny.text(folder);
        model = Tiny.train(text, folder.resolve("run"));
        odd = Tiny.text(folder, "odd.txt", ODD);
        clean = Tiny.text(folder, "clean.txt", "a cat sits\nthe bus is here\na dog runs\n");
        texts = Files.createDirectory(folder.resolve("texts"));
        Tiny.text(texts, "1.txt", String.join("\n", Tiny.CAPTIONS.subList(0, 5)));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(texts.resolve("2.txt.gz")))) {
            out.write(String.join("\n", Tiny.CAPTIONS.subList(5, 12)).getBytes(StandardCharsets.UTF_8));
        }
        Tiny.text(texts, "3.json", "{\"images\": [], \"annotations\": [{\"caption\": \""
                + String.join("\"}, {\"caption\": \"", Tiny.CAPTIONS.subList(12, 20)) + "\"}]}");
    }

    /** The models are the same bytes, and all losses of training and validation are equal. */
    private static void requireEqual(Path one, Path other) throws IOException {
        assertEquals(-1, Files.mismatch(one.resolve(ModelFile.NAME), other.resolve(ModelFile.NAME)));
        assertEquals(losses(one), losses(other));
    }

    private static List<String> losses(Path run) throws IOException {
        return Files.readAllLines(run.resolve(RunFolder.METRICS)).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .map(figures -> figures.get("loss") + " " + figures.get("val_loss")).toList();
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

    /** Every command reads the same captions from a file of lines, JSON, a folder and packed files. */
    @Test
    void everyCommandReadsFilesFoldersStandardInputGzipAndCoco() throws IOException {
        String evaluated = Tool.output("eval", model, text);
        String verified = Tool.output("verify", model, text, "--caption", 13);
        String encoded = Tool.output("encode", text, "--caption", 13);
        assertEquals(evaluated, Tool.output("eval", model, texts));
        assertEquals(verified, Tool.output("verify", model, texts, "--caption", 13));
        assertEquals(encoded, Tool.output("encode", texts, "--caption", 13));
        Object[] parts = {texts.resolve("1.txt"), texts.resolve("2.txt.gz"), texts.resolve("3.json")};
        assertEquals(evaluated, Tool.output("eval", model, parts[0], parts[1], parts[2]));
        assertEquals(encoded, Tool.output("encode", parts[0], parts[1], parts[2], "--caption", 13));
        String content = Files.readString(text);
        assertEquals(evaluated, with(content, () -> Tool.output("eval", model, "-")));
        assertEquals(encoded, with(content, () -> Tool.output("encode", "-", "--caption", 13)));
        String rest = String.join("\n", Tiny.CAPTIONS.subList(5, 20));
        assertEquals(verified, with(rest, () -> Tool.output("verify", model, parts[0], "-", "--caption", 13)));
    }

    /** It is trained on as one file of the same captions is, and gone on with, which the run remembers. */
    @Test
    void aRunOfSeveralTextsGoesOn() throws IOException {
        Path straight = folder.resolve("straight");
        Tool.output(Tiny.training(text, straight, "--epochs", 2, "--validation", texts));
        Path resumed = folder.resolve("resumed");
        String said = Tool.output(Tiny.training(texts.resolve("1.txt"), resumed, texts.resolve("2.txt.gz"),
                texts.resolve("3.json"), "--epochs", 1, "--validation", text));
        assertTrue(said.startsWith("20 captions from " + texts.resolve("1.txt") + " and 2 more, "), said);
        Tool.output("train", "--resume", resumed, "--epochs", 2);
        requireEqual(straight, resumed);
    }

    @Test
    void aRunOfStandardInputGoesOnWhereThatIsNamedAgain() {
        Path run = folder.resolve("piped");
        String content = String.join("\n", Tiny.CAPTIONS);
        with(content, () -> Tool.output(Tiny.training("-", run, "--epochs", 1)));
        String message = Refusal.of(Main.FAILED, folder, "train", "--resume", run, "--epochs", 2);
        assertTrue(message.endsWith("the text of " + run
                + " was standard input; name it again, or a file that has the same: charlstm train --resume " + run
                + " -"), message);
        with(content, () -> Tool.output("train", "--resume", run, "-", "--epochs", 2));
        Tool.output("train", "--resume", run, text, "--epochs", 3);
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

    /** A file as the limit makes it of the captions, left out or cut. */
    private static Path limited(boolean cut) {
        return Tiny.text(folder, "limited.txt", Tiny.CAPTIONS.stream()
                .filter(caption -> cut || caption.length() <= LIMIT)
                .map(caption -> caption.substring(0, Math.min(caption.length(), LIMIT)))
                .collect(Collectors.joining("\n")) + "\n");
    }

    @Test
    void longCaptionsAreLeftOutOrCutAsIfTheFileHadThemSo() throws IOException {
        for (boolean cut : new boolean[] {false, true}) {
            String limit = LIMIT + (cut ? ":cut" : "");
            Path out = folder.resolve("limited" + cut);
            Tool.output(Tiny.training(text, out, "--epochs", 1, "--validation", text, "--max-caption", limit));
            Path same = folder.resolve("same" + cut);
            Tool.output(Tiny.training(limited(cut), same, "--epochs", 1, "--validation", limited(cut)));
            requireEqual(same, out);
            JsonObject described = JsonParser.parseString(Files.readString(out.resolve(RunFolder.RUN)))
                    .getAsJsonObject();
            assertEquals(12, described.getAsJsonObject("text").get(cut ? "cut" : "left_out").getAsInt());
            assertEquals(limit, described.getAsJsonObject("options").get("max-caption").getAsString());
        }
    }

    @Test
    void aResumedRunKeepsItsLimit() throws IOException {
        Path straight = folder.resolve("straight-cut");
        Path stopped = folder.resolve("stopped-cut");
        Tool.output(Tiny.training(text, straight, "--epochs", 2, "--max-caption", "12:cut"));
        Tool.output(Tiny.training(text, stopped, "--epochs", 1, "--max-caption", "12:cut"));
        assertTrue(Refusal.of(Main.USAGE, folder, "train", "--resume", stopped, "--max-caption", 12)
                .contains("--max-caption is 12, but " + stopped + " was begun with 12:cut"));
        Tool.output("train", "--resume", stopped, "--epochs", 2);
        requireEqual(straight, stopped);
    }

    @Test
    void verifyNumbersTheCaptionsThatALimitLeaves() {
        assertEquals(Tool.output("verify", model, limited(false), "--caption", 5),
                Tool.output("verify", model, text, "--caption", 5, "--max-caption", LIMIT));
    }

    @Test
    void evalLeavesOutUnknownCharacters() {
        JsonObject without = Tool.json("eval", model, odd, "--unknown", "skip", "--json");
        assertEquals(5, without.remove("unknown").getAsInt());
        assertEquals(40, without.remove("characters").getAsInt());
        assertEquals(Tool.json("eval", model, clean, "--json"), without);
        assertEquals(0, Tool.json("eval", model, clean, "--unknown", "skip", "--json").get("unknown").getAsInt());
    }

    /** Unknown characters that are skipped leave the windows of a text that never had them. */
    @Test
    void windowsAreOfWhatUnknownCharactersLeave() {
        Path book = Tiny.text(folder, "book.txt", "a cat sits\na dog runs\n".repeat(5));
        Path run = folder.resolve("running");
        Tiny.train(book, run, "--window", 6, "--epochs", 1);
        Path spoilt = Tiny.text(folder, "spoilt.txt", "a c\u00E9at sits\na dog\uD83D\uDC31 runs\n".repeat(5));
        for (int most : new int[] {2, 1000}) {
            JsonObject without = Tool.json("eval", run, spoilt, "--unknown", "skip", "--max-samples", most, "--json");
            assertEquals(10, without.remove("unknown").getAsInt());
            assertEquals(120, without.remove("characters").getAsInt());
            assertEquals(Tool.json("eval", run, book, "--max-samples", most, "--json"), without);
        }
    }

    @Test
    void samplesBeginWithoutUnknownCharacters() {
        Tool tool = Tool.run("sample", model, "--prime", "\u00E9a\uD83D\uDC31 d", "--unknown", "skip");
        assertEquals(0, tool.code());
        assertEquals(Tool.output("sample", model, "--prime", "a d"), tool.out());
        assertEquals("charlstm: of --prime 2 of 5 characters left out, which the model lacks\n", tool.err());
        assertEquals(Tool.output("sample", model, "--prime", "a d"),
                Tool.output("sample", model, "--prime", "a d", "--unknown", "skip"));
    }

    @Test
    void aRunIsValidatedWithoutUnknownCharactersAndGoesOnSo() throws IOException {
        Path whole = folder.resolve("whole");
        Tool.output(Tiny.training(text, whole, "--epochs", 3, "--validation", clean));
        Path parts = folder.resolve("parts");
        Tool.output(Tiny.training(text, parts, "--epochs", 1, "--validation", odd, "--unknown", "skip"));
        assertTrue(Files.readString(parts.resolve(RunFolder.RUN)).contains("\"validation_unknown\": 5"));
        Tool.output("train", "--resume", parts, "--epochs", 2);
        assertTrue(Refusal.of(Main.USAGE, folder, "train", "--resume", parts, "--epochs", 3, "--unknown", "refuse")
                .contains("--unknown is refuse, but " + parts + " was begun with skip; leave it out"));
        // The captions that stay count; those left out may differ.
        Path moved = Tiny.text(folder, "moved.txt", ODD.replace("\u00E9", "\u00FC"));
        Tool.output("train", "--resume", parts, "--epochs", 3, "--validation", moved, "--unknown", "skip");
        requireEqual(whole, parts);
        Path another = Tiny.text(folder, "another.txt", ODD.replace("cat", "dog"));
        assertTrue(Refusal.of(Main.FAILED, folder, "train", "--resume", parts, "--epochs", 4, "--validation", another)
                .contains("or was validated on another than " + another));
        // A run without any goes on as before there was a choice.
        Tool.output("train", "--resume", whole, "--epochs", 4);
        assertFalse(Files.readString(whole.resolve(RunFolder.RUN)).contains("validation_unknown"));
    }
}
