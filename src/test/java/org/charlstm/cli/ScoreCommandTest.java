package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code score} says of lines, held against {@code eval} and against what a model predicts next. */
class ScoreCommandTest {
    @TempDir
    private static Path folder;
    private static Path model;

    @BeforeAll
    static void train() {
        model = Tiny.train(Tiny.text(folder), folder.resolve("run"), "--epochs", 5);
    }

    private static List<JsonObject> scores(String output) {
        return output.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
    }

    private static double sum(List<JsonObject> scores, String name) {
        return scores.stream().mapToDouble(score -> score.get(name).getAsDouble()).sum();
    }

    private static JsonObject evaluated(Object of, Path text) {
        return JsonParser.parseString(Tool.output("eval", of, text, "--json")).getAsJsonObject();
    }

    /** More captions than are computed side by side, all as long as the model's time steps, so that none is padded. */
    @Test
    void theirSumIsWhatEvalSays() throws IOException {
        StringBuilder captions = new StringBuilder();
        for (int i = 0; i < 7; i++) {
            for (String caption : Tiny.CAPTIONS) {
                captions.append((caption + ' ' + caption + ' ' + caption).substring(i % 3, i % 3 + 17)).append('\n');
            }
        }
        Path text = Files.writeString(folder.resolve("long.txt"), captions);
        JsonObject eval = evaluated(model, text);
        assertEquals(18, eval.get("steps").getAsInt());
        List<JsonObject> scores = scores(Tool.output("score", model, text, "--json"));
        assertEquals(140, scores.size());
        assertEquals(140 * 18, sum(scores, "symbols"));
        assertEquals(eval.get("loss").getAsDouble() * 140 * 18, -sum(scores, "log_probability"), 1e-3);
        assertEquals(eval.get("bits_per_character").getAsDouble(), sum(scores, "bits_per_character") / 140, 1e-6);
        assertEquals(eval.get("loss").getAsDouble(), scores.stream()
                .mapToDouble(score -> Math.log(score.get("perplexity").getAsDouble())).sum() / 140, 1e-6);
    }

    /** Of a model that does not know that its text was in lower case. */
    @Test
    void linesArePutInLowerCase() throws IOException {
        Path lower = Files.writeString(folder.resolve("one.txt"), "a cat sits\n");
        Path upper = Files.writeString(folder.resolve("One.txt"), "A Cat sits\n");
        assertTrue(Refusal.of(Main.FAILED, folder, "score", model, upper).contains("put the text in lower case"));
        assertEquals(Tool.output("score", model, lower, "--json"),
                Tool.output("score", model, upper, "--json", "--lower-case"));
    }

    /** However long the lines beside it are. */
    @Test
    void aLineIsWhatItsSymbolsAreOneByOne() {
        Tool tool = Tool.given("a dog\n \na cat sits\r\na", "score", model, "-", "--json");
        assertEquals("", tool.err());
        List<JsonObject> scores = scores(tool.out());
        assertEquals(List.of(1, 3, 4), scores.stream().map(score -> score.get("line").getAsInt()).toList());
        assertEquals(List.of(6, 11, 2), scores.stream().map(score -> score.get("symbols").getAsInt()).toList());
        double sum = 0;
        for (int i = 0; i <= "a dog".length(); i++) {
            String next = i < "a dog".length() ? "a dog".substring(i, i + 1) : "<end>";
            sum += JsonParser.parseString(Tool.output("top", model, "-k", 99, "--prefix", "a dog".substring(0, i),
                    "--json")).getAsJsonArray().asList().stream().map(entry -> entry.getAsJsonObject())
                    .filter(entry -> entry.get("char").getAsString().equals(next))
                    .mapToDouble(entry -> Math.log(entry.get("probability").getAsDouble())).sum();
        }
        assertEquals(sum, scores.getFirst().get("log_probability").getAsDouble(), 1e-6);
        String printed = Tool.given("a dog\n", "score", model, "-").out();
        assertTrue(printed.matches("log-probability  bits/character  perplexity  text\n *-\\d+\\.\\d{6} +\\d\\.\\d{6} "
                + "+\\d+\\.\\d{4}  a dog\n"), printed);
    }

    @Test
    void aLineOfRunningTextBeginsWithItsSecondCharacter() throws IOException {
        Path text = Files.writeString(folder.resolve("running.txt"), "the cat\nand the dog\n".repeat(20));
        Path run = folder.resolve("running");
        Tool.output("train", text, "--window", 6, "--hidden", 8, "--dense", 0, "--epochs", 2, "--out", run);
        Path one = Files.writeString(folder.resolve("one.txt"), "the cat");
        JsonObject score = scores(Tool.output("score", run, one, "--json")).getFirst();
        assertEquals(6, score.get("symbols").getAsInt());
        assertEquals(6 * evaluated(run, one).get("loss").getAsDouble(), -score.get("log_probability").getAsDouble(),
                1e-5);
        JsonObject none = scores(Tool.given("t\n", "score", run, "-", "--json").out()).getFirst();
        assertTrue(none.get("bits_per_character").isJsonNull() && none.get("perplexity").isJsonNull(), none.toString());
    }

    @Test
    void whatCannotBeScoredIsNamed() {
        assertEquals(new Tool(1, "", "charlstm: standard input holds no line to score\n"),
                Tool.given("\n  \n", "score", model, "-"));
        Tool unknown = Tool.given("a\na \u00E9\n", "score", model, "-", "--json");
        assertEquals(1, unknown.code());
        assertTrue(unknown.err().startsWith("charlstm: standard input, line 2: the character U+00E9")
                && unknown.err().endsWith("; --unknown skip leaves such characters out\n"), unknown.err());
        Tool skipped = Tool.given("a\na\u00E9\n", "score", model, "-", "--unknown", "skip", "--json");
        assertEquals("charlstm: of standard input 1 of 3 characters left out, which the model lacks\n", skipped.err());
        List<JsonObject> scores = scores(skipped.out());
        assertEquals(scores.get(0).get("log_probability"), scores.get(1).get("log_probability"));
    }
}
