package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private static final String EMOJI = "\uD83D\uDE00";

    private static Vocabulary of(String... captions) {
        return Vocabulary.of(Captions.of(List.of(captions)));
    }

    @Test
    void idsFollowFirstAppearanceAndStartAndEndComeLast() {
        Vocabulary vocabulary = of("ba a", "cab" + EMOJI);
        assertEquals("ba c" + EMOJI, vocabulary.characters());
        assertEquals(7, vocabulary.size());
        assertEquals(5, vocabulary.start());
        assertEquals(6, vocabulary.end());
        for (int id = 0; id < 5; id++) {
            assertEquals(id, vocabulary.id(vocabulary.characters().codePoints().toArray()[id]));
        }
        assertEquals(-1, vocabulary.id('z'));
    }

    /** The lab marks start and end with these two letters, which real captions have too. */
    @Test
    void capitalSAndEAreCharactersLikeAnyOther() {
        Vocabulary vocabulary = of("See");
        assertEquals(4, vocabulary.size());
        assertArrayEquals(new int[] {0, 1, 1}, vocabulary.encode("See", "here"));
        Vocabulary capitals = of("SE");
        assertArrayEquals(new int[] {0, 1}, capitals.encode("SE", "here"));
        assertEquals("SE", capitals.decode(new int[] {0, 1}));
        assertEquals(List.of("S", "E", "<start>", "<end>"), List.of(capitals.name(0), capitals.name(1),
                capitals.name(capitals.start()), capitals.name(capitals.end())));
    }

    @Test
    void eachSymbolIsOneCodePointOfText() {
        Vocabulary vocabulary = of("a" + EMOJI);
        assertEquals("a" + EMOJI + Vocabulary.START_SIGN + Vocabulary.END_SIGN,
                vocabulary.decode(new int[] {0, 1, 2, 3}));
        for (int id = 0; id < vocabulary.size(); id++) {
            assertEquals(1, vocabulary.text(id).codePoints().count());
        }
    }

    @Test
    void vocabularyRoundTripsThroughItsCharacters() {
        Vocabulary first = of("the \"caf\u00E9\" " + EMOJI, "SE\t\\");
        Vocabulary second = Vocabulary.ofCharacters(first.characters());
        assertEquals(first.characters(), second.characters());
        assertEquals(first.size(), second.size());
        assertArrayEquals(first.encode("SE " + EMOJI, "here"), second.encode("SE " + EMOJI, "here"));
    }

    @Test
    void aCharacterNamedTwiceIsRefused() {
        assertRefused("U+0061 'a'", () -> Vocabulary.ofCharacters("aba"));
        assertRefused("U+1F600", () -> Vocabulary.ofCharacters(EMOJI + "b" + EMOJI));
    }

    @Test
    void noCharacterIsRefused() {
        assertRefused("no character", () -> Vocabulary.ofCharacters(""));
    }

    @Test
    void anUnknownCharacterIsRefusedWithItsPlace() {
        Vocabulary vocabulary = of("abc");
        String message = assertRefused("some.txt, line 7", () -> vocabulary.encode("abcZ", "some.txt, line 7"));
        assertTrue(message.contains("U+005A 'Z'"), message);
        assertRefused("U+1F600", () -> vocabulary.encode("a" + EMOJI, "here"));
        // A control character itself would break the line.
        assertRefused("U+000A", () -> vocabulary.encode("a\nb", "here"));
    }
}
