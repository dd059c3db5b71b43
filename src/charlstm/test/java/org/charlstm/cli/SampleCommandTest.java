package org.charlstm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of {@code sample}: the model it draws from, beginnings and ends. */
class SampleCommandTest {
    @TempDir
    private static Path folder;
    private static Path model;

    @BeforeAll
    static void train() {
        model = Tiny.train(Tiny.text(folder), folder.resolve("run"), "--epochs", 60, "--learning-rate", 0.02);
    }

    private static List<String> lines(Object... more) {
        return Tool.lines(Tiny.with(new Object[] {"sample", model}, more));
    }

    private static JsonArray array(Object... more) {
        return JsonParser.parseString(String.join("\n", lines(Tiny.with(more, "--json")))).getAsJsonArray();
    }

    @Test
    void theMostProbableOneAloneIsThatOfNoTemperature() {
        List<String> most = lines("--temperature", 0);
        assertEquals(most, lines("--top-k", 1));
        assertEquals(most, lines("--top-p", 1e-9));
        assertNotEquals(most, lines("--top-k", 2));
        assertNotEquals(most, lines("--top-p", 0.5));
    }

    @Test
    void allOfThemAreNothingButTheDefault() {
        assertEquals(lines("--count", 70), lines("--count", 70, "--top-k", 1000, "--top-p", 1));
        assertNotEquals(lines("--count", 70), lines("--count", 70, "--top-k", 3));
    }

    @Test
    void temperaturesAreGroups() {
        List<String> expected = new ArrayList<>(List.of("temperature 0.5"));
        expected.addAll(lines("--temperature", 0.5));
        expected.addAll(List.of("", "temperature 2.0"));
        expected.addAll(lines("--temperature", 2));
        assertEquals(expected, lines("--temperature", "0.5, 2"));
        JsonArray groups = array("--temperature", "0.5,2");
        assertEquals(2, groups.size());
        for (JsonElement group : groups) {
            double temperature = group.getAsJsonObject().get("temperature").getAsDouble();
            assertEquals(lines("--temperature", temperature), group.getAsJsonObject().getAsJsonArray("sentences")
                    .asList().stream().map(JsonElement::getAsString).toList());
        }
    }

    /** Each is what it is alone: a function of the seed and its number, however long those beside it begin. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void eachLineOfAFileIsABeginning(int each) throws IOException {
        List<String> primes = new ArrayList<>();
        for (int i = 0; i < 45; i++) {
            primes.add(List.of("a ", "", "a red bus", "two d").get(i % 4));
        }
        Path file = Files.writeString(folder.resolve("primes.txt"), String.join("\r\n", primes) + "\n");
        List<String> expected = new ArrayList<>();
        for (String prime : primes.subList(0, 4)) {
            List<String> all = lines("--count", 45 * each, "--prime", prime);
            for (int i = 0; i < all.size(); i++) {
                if (primes.get(i / each).equals(prime)) {
                    while (expected.size() <= i) {
                        expected.add("");
                    }
                    expected.set(i, all.get(i));
                }
            }
        }
        assertEquals(expected, each == 1 ? lines("--prime-file", file) : lines("--prime-file", file, "--count", each));
        assertEquals(expected, Tool.given(Files.readString(file), "sample", model, "--prime-file", "-", "--count", each)
                .out().lines().toList());
        assertEquals(expected, array("--prime-file", file, "--count", each).asList().stream()
                .map(JsonElement::getAsString).toList());
    }

    /** Text that begins like the text to stop at, and goes on otherwise, stays. */
    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "do", " a ", "og", "aa"})
    void aSentenceEndsWhereTheTextIsWritten(String stop) {
        List<String> expected = lines("--count", 70, "--prime", "a ", "--temperature", 1.5).stream()
                .map(line -> line.indexOf(stop, 2) < 0 ? line : line.substring(0, line.indexOf(stop, 2))).toList();
        assertEquals(expected, lines("--count", 70, "--prime", "a ", "--temperature", 1.5, "--stop", stop));
    }

    /** The value of a line is that of {@code score}. */
    @Test
    void aSearchPrintsTheBestFirst() {
        List<String> printed = lines("--beam", 4, "--count", 3);
        JsonArray json = array("--beam", 4, "--count", 3);
        assertEquals(printed, json.asList().stream().map(one -> one.getAsJsonObject().get("text").getAsString())
                .toList());
        Tool scores = Tool.given(String.join("\n", printed), "score", model, "-", "--json");
        assertEquals(0, scores.code(), printed + scores.err());
        List<Double> expected = scores.out().lines().map(line -> JsonParser.parseString(line).getAsJsonObject()
                .get("log_probability").getAsDouble()).toList();
        for (int i = 0; i < 3; i++) {
            double found = json.get(i).getAsJsonObject().get("log_probability").getAsDouble();
            assertTrue(printed.get(i).length() < 18 && Math.abs(found - expected.get(i)) < 1e-4, printed.get(i));
        }
        assertEquals(4, lines("--beam", 4).size());
    }

    /** An empty line is the first of those shown, as is its number; the sentence alone is the output. */
    @Test
    void picksMakeASentence() {
        String most = lines("--temperature", 0, "--max-length", 4, "--prime", "a").getFirst();
        assertEquals(4, most.length());
        for (String picks : List.of("\n1\n\n", "\n2\n-\n\n1\n", "-\n1\n\n1\n", "\n\n\n\n")) {
            Tool tool = Tool.given(picks, "sample", model, "--interactive", "--prime", "a", "--max-length", 4);
            assertEquals(most + "\n", tool.out(), tool.err());
            assertEquals(0, tool.code());
        }
        assertEquals("as\n", Tool.given("s\n.\n", "sample", model, "--interactive", "--prime", "a").out());
        assertEquals("a\n", Tool.given("", "sample", model, "--interactive", "--prime", "a").out());
    }
}
