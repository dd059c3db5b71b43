package org.charlstm.text.generated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GeneratedCaptionsTest {
    private static final String ALPHABET = " 012345679abcdefghijklmnopqrstuvwxyz";

    private static List<List<String>> sets;

    @BeforeAll
    static void generate() {
        sets = List.of(defaultCount(GeneratedCaptions.DEFAULT_SEED), defaultCount(0), defaultCount(2), defaultCount(-7),
                defaultCount(123_456_789_012_345L));
    }

    private static List<String> defaultCount(long seed) {
        return GeneratedCaptions.generate(GeneratedCaptions.DEFAULT_COUNT, seed);
    }

    @Test
    void everySetUsesExactlyThe36Characters() {
        for (List<String> captions : sets) {
            StringBuilder used = new StringBuilder();
            String.join("", captions).chars().distinct().sorted().forEach(used::appendCodePoint);
            assertEquals(ALPHABET, used.toString());
        }
    }

    @Test
    void theLongestHas172CharactersInLargeAndSmallSets() {
        for (List<String> captions : sets) {
            assertEquals(172, longest(captions));
            assertEquals(172, longest(captions.subList(0, 251)));
            assertTrue(longest(captions.subList(0, 250)) <= 172);
        }
    }

    private static int longest(List<String> captions) {
        return captions.stream().mapToInt(String::length).max().orElseThrow();
    }

    @Test
    void lengthsSpreadAroundFifty() {
        for (List<String> captions : sets) {
            int[] lengths = captions.stream().mapToInt(String::length).sorted().toArray();
            int median = lengths[lengths.length / 2];
            assertTrue(median >= 48 && median <= 53, "median " + median);
            assertTrue(lengths[0] >= 20 && lengths[0] <= 25, "shortest " + lengths[0]);
        }
    }

    @Test
    void aSmallerSetBeginsALargerOne() {
        List<String> smaller = GeneratedCaptions.generate(1000, GeneratedCaptions.DEFAULT_SEED);
        assertEquals(sets.getFirst().subList(0, 1000), smaller);
    }

    @Test
    void captionsDependOnTheSeed() {
        assertEquals(sets.getFirst(), defaultCount(GeneratedCaptions.DEFAULT_SEED));
        assertNotEquals(sets.getFirst(), sets.get(1));
    }

    @Test
    void fewCaptionsRepeat() {
        for (List<String> captions : sets) {
            int distinct = new HashSet<>(captions).size();
            assertTrue(distinct >= 0.97 * captions.size(), "distinct " + distinct);
        }
    }

    @Test
    void wordsAreManyAndSetApartBySingleSpaces() {
        HashSet<String> words = new HashSet<>();
        for (String caption : sets.getFirst()) {
            assertFalse(caption.isEmpty());
            assertFalse(caption.startsWith(" ") || caption.endsWith(" ") || caption.contains("  "), caption);
            words.addAll(List.of(caption.split(" ")));
        }
        assertTrue(words.size() >= 600, "words " + words.size());
    }

    @Test
    void articlesAgreeWithTheNextWord() {
        Pattern wrong = Pattern.compile("\\b(a (?!uni|uk)[aeiou]|an (?!(?!uni|uk)[aeiou])|an?$)");
        for (List<String> captions : sets) {
            for (String caption : captions) {
                assertFalse(wrong.matcher(caption).find(), caption);
            }
        }
    }

    @Test
    void aCountBelowOneIsRefused() {
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> GeneratedCaptions.generate(0, 1));
        assertEquals("the number of captions is 0; it must be at least 1", refusal.getMessage());
    }
}
