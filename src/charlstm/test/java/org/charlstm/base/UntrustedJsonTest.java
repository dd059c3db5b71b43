package org.charlstm.base;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.Sources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of JSON in a file that nobody trusts. */
class UntrustedJsonTest {
    private record Inner(double size, List<Integer> numbers) {
    }

    private record Outer(int count, String name, boolean whole, Inner inner) {
    }

    private static <T> T read(Supplier<T> reading) {
        return UntrustedJson.read("FILE is broken", "mend it", reading);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "\"count\":1 | \"count\":1.5 | count is 1.5, not a whole number",
        "\"count\":1 | \"count\":\"1\" | count is \"1\", not a whole number",
        "\"count\":1 | \"count\":null | count is null, not a whole number",
        "\"count\":1 | \"count\":1e999999999 | count is 1e999999999, not a whole number of at most 2147483647",
        "\"n\" | 7 | name is 7, not a string", "true | 0 | whole is 0, not true or false",
        "2.5 | 1e999 | inner.size is 1e999, not a number", "[3] | {} | inner.numbers is an object, not an array",
        "[3] | [3,[]] | inner.numbers[1] is an array, not a whole number",
        "{\"size\":2.5,\"numbers\":[3]} | [] | inner is an array, not an object", "} | , | it is no JSON object"})
    void theMemberOfARecordIsNamed(String right, String wrong, String why) {
        String json = "{\"count\":1,\"name\":\"n\",\"whole\":true,\"inner\":{\"size\":2.5,\"numbers\":[3]}}";
        assertEquals(new Outer(1, "n", true, new Inner(2.5, List.of(3))), Json.as(Json.parse(json, 100), Outer.class));
        String message = assertRefused("FILE", () -> read(
                () -> Json.as(Json.parse(json.replace(right, wrong), 100), Outer.class)));
        assertEquals("FILE is broken: ", message.substring(0, 16));
        assertEquals(why, message.substring(16, Math.min(message.length(), 16 + why.length())));
        assertEquals("; mend it", message.substring(message.length() - 9));
    }

    /** Words of Java's own exceptions are not for people. */
    @Test
    void whateverFailsIsTheFilesFault() {
        for (RuntimeException failure : List.of(new NullPointerException("x"), new ClassCastException("java.x"),
                new UnsupportedOperationException("x"), new IllegalStateException("java.x"),
                new IndexOutOfBoundsException(
                        "x"),
                new NumberFormatException("java.x"), new ArithmeticException("x"))) {
            assertRefused("FILE is broken: ", () -> read(() -> {
                throw failure;
            }));
        }
        assertEquals("as it is", assertRefused("as it is", () -> read(() -> {
            throw new CharlstmException("as it is");
        })));
        assertEquals("FILE is broken: too small; mend it", assertRefused("FILE", () -> read(() -> {
            throw new IllegalArgumentException("too small");
        })));
    }

    /** Elsewhere a value would be taken without its kind having been looked at. */
    @Test
    void nothingElseParses() throws IOException {
        assertEquals(List.of("CocoCaptions.java", "Json.java", "SafetensorsReader.java"),
                Sources.files(Sources.MAIN).stream().filter(UntrustedJsonTest::parses)
                        .map(file -> file.getFileName().toString()).sorted().toList());
    }

    private static boolean parses(Path file) {
        try {
            return Files.readString(file).matches("(?s).*(JsonParser\\b|JsonReader\\b|fromJson\\().*");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
