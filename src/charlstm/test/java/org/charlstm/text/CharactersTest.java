package org.charlstm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Characters in one, two and three bytes each. */
class CharactersTest {
    /** The characters from U+0100 on, without the surrogates, each of them twice in a row. */
    private static int character(int index) {
        int codePoint = 0x100 + index / 2;
        return codePoint < Character.MIN_SURROGATE ? codePoint
                : codePoint + Character.MAX_SURROGATE + 1 - Character.MIN_SURROGATE;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 255, 256, 257, 65_535, 65_536, 65_537, 140_000})
    void alphabetsOfAnySizeRoundTrip(int distinct) {
        Characters characters = new Characters();
        for (int i = 0; i < 2 * distinct; i++) {
            characters.add(character(i));
        }
        // The first again, now that numbers may be wider.
        characters.add(character(0));
        assertEquals(distinct, characters.distinct());
        assertEquals(2L * distinct + 1, characters.length());
        for (int i = 0; i < 2 * distinct; i++) {
            assertEquals(i / 2, characters.get(i));
            assertEquals(character(i), characters.codePoint(characters.get(i)));
        }
        assertEquals(0, characters.get(2L * distinct));
        assertEquals(new StringBuilder().appendCodePoint(character(2 * distinct - 1)).appendCodePoint(character(0))
                .toString(), characters.text(2L * distinct - 1, 2));
    }
}
