package org.charlstm.cli.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.cli.Main;
import org.charlstm.cli.Refusal;
import org.charlstm.cli.Tiny;
import org.charlstm.cli.Tool;
import org.charlstm.io.ModelFile;
import org.charlstm.io.format.PreprocessingJson;
import org.charlstm.text.Preprocessing;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model takes texts in the way in which it was trained, whatever command they are given to. */
class PreprocessingOptionsTest {
    private static final String LETTERS = "abcdehiknoprstuwy ";
    @TempDir
    private static Path folder;
    private static Path plain;
    private static Path odd;
    private static Path alphabet;
    private static Path model;

    /** The same captions, of which one file has them in capitals, with an accent, a ligature's letter and signs. */
    @BeforeAll
    static void train() {
        plain = Tiny.text(folder);
        odd = Tiny.text(folder, "odd.txt", odd());
        alphabet = Tiny.text(folder, "letters", LETTERS + "glm\uFFFD\n");
        model = Tiny.train(odd, folder.resolve("run"), "--epochs", 1, "--lower-case", "--normalize", "nfkc",
                "--alphabet",
                "@" + alphabet, "--min-count", 15);
    }

    private static String odd() {
        return String.join("!\n", Tiny.CAPTIONS).toUpperCase(Locale.ROOT).replace("D", "\uFF24") + "?\n";
    }

    @Test
    void everyLaterTextIsTakenInTheSameWay() throws IOException {
        JsonObject evaluated = Tool.json("eval", model, odd, "--json");
        assertEquals(20, evaluated.remove("outside_alphabet").getAsInt());
        JsonObject same = Tool.json("eval", model, plain, "--json");
        assertEquals(0, same.remove("outside_alphabet").getAsInt());
        assertEquals(same, evaluated);
        assertTrue(evaluated.get("replaced").getAsInt() > 0, evaluated::toString);
        assertEquals(Tool.output("verify", model, plain), Tool.output("verify", model, odd));
        assertTrue(Tool.output("verify", model, odd).startsWith("input     \u22A2a \uFFFDat s\uFFFDts\u22A3"),
                () -> Tool.output("verify", model, odd));
        assertEquals(Tool.output("sample", model, "--prime", "a s"),
                Tool.output("sample", model, "--prime", "\uFF21 S"));
        assertEquals(Tool.output("top", model, "--prefix", "a \uFFFD"),
                Tool.output("top", model, "--prefix", "A C"));
        Refusal.of(Main.FAILED, folder, "top", model, "--prefix", "a!");
        Path run = folder.resolve("validated");
        String said = Tool.output(Tiny.training(odd, run, "--epochs", 1, "--lower-case", "--normalize", "nfkc",
                "--validation", odd));
        assertTrue(said.contains("20 captions from " + odd + " for validation"), said);
    }

    @Test
    void showTellsHowTextsAreTaken() {
        JsonObject kept = Tool.json("show", model, "--json").getAsJsonObject("vocabulary")
                .getAsJsonObject("preprocessing");
        assertEquals("nfkc", kept.get("normalize").getAsString());
        assertEquals(15, kept.get("min_count").getAsInt());
        assertTrue(kept.get("lower_case").getAsBoolean());
        assertEquals(LETTERS + "glm\uFFFD", kept.get("alphabet").getAsString());
        assertEquals(new JsonObject(), PreprocessingJson.of(Preprocessing.NONE));
    }

    /** Captions that normalising changes, or makes longer or shorter, are not left out. */
    @Test
    void whatIsLeftOutIsCountedOfWhatItBecomes() throws IOException {
        Path composed = Tiny.train(Tiny.text(folder, "composed.txt", "a caf\u00E9 fin\na fin\n"),
                folder.resolve("composed"), "--lower-case", "--normalize", "nfkc");
        Path lines = Tiny.text(folder, "lines.txt", "A cafe\u0301 \uFB01n\na z fiz\n");
        String said = " 2 of 17 characters left out, which the model lacks\n";
        Tool primed = Tool.run("sample", composed, "--prime-file", lines, "--unknown", "skip", "--max-length", 12);
        assertEquals("charlstm: of " + lines + said, primed.err());
        assertTrue(primed.out().startsWith("a caf\u00E9 fin"), primed.out());
        assertEquals("charlstm: of " + lines + said, Tool.run("score", composed, lines, "--unknown", "skip").err());
    }

    @Test
    void whatIsPickedIsTakenInTheSameWay() {
        Tool picked = Tool.given("S\n'\uFF34'\n\u00C9\n.\n", "sample", model, "--interactive", "--prime", "\uFF21 ");
        assertEquals("a st\n", picked.out(), picked.toString());
        assertTrue(picked.err().contains("\"a \"\n") && picked.err().contains("'\u00C9' is neither a number"),
                picked.err());
    }

    /** To the bit, and without the alphabet's file, which has gone. */
    @Test
    void aRunGoesOnSo() throws IOException {
        Object[] options = {"--lower-case", "--normalize", "nfkc", "--alphabet", "@" + alphabet, "--min-count", 15};
        Path whole = folder.resolve("whole");
        Tool.output(Tiny.training(odd, whole, Tiny.with(options, "--epochs", 2)));
        Path gone = Files.copy(alphabet, folder.resolve("gone"));
        options[4] = "@" + gone;
        Path parts = folder.resolve("parts");
        Tool.output(Tiny.training(odd, parts, Tiny.with(options, "--epochs", 1)));
        Files.delete(gone);
        Tool.output("train", "--resume", parts, "--epochs", 2);
        assertArrayEquals(Files.readAllBytes(whole.resolve(ModelFile.NAME)),
                Files.readAllBytes(parts.resolve(ModelFile.NAME)));
        assertTrue(Refusal.of(Main.USAGE, folder, "train", "--resume", parts, "--epochs", 3, "--min-count", 2)
                .contains("--min-count is 2, but " + parts + " was begun with 15"));
    }

    /** A model keeps its way when another run starts from it; one that has none takes what is asked for. */
    @Test
    void aRunThatStartsFromAModelTakesTextsAsThatDoes() {
        Path next = Tiny.train(odd, folder.resolve("next"), "--epochs", 1, "--init", model);
        assertEquals(ModelFile.load(model).requireVocabulary().preprocessing(),
                ModelFile.load(next).requireVocabulary().preprocessing());
        Path old = Tiny.train(plain, folder.resolve("old"));
        assertEquals(Tool.output("eval", old, plain),
                Tool.output("eval", old, odd, "--lower-case", "--normalize", "nfkc",
                        "--alphabet", LETTERS + "glm")
                        .replace(" (20 of 281 characters left out, which the alphabet lacks)", ""));
        Path taught =
                Tiny.train(odd, folder.resolve("taught"), "--epochs", 1, "--init", old, "--lower-case", "--normalize",
                        "nfkc", "--alphabet", LETTERS + "glm");
        assertTrue(ModelFile.load(taught).requireVocabulary().preprocessing().lowerCase());
    }
}
