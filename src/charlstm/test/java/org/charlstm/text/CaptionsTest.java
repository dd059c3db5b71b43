package org.charlstm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Captions in memory have the same limits as those of a file. */
class CaptionsTest {
    @Test
    void theLongestAcceptedHasTenThousandCharacters() {
        String longest = "\uD83D\uDC31".repeat(Captions.MAX_LENGTH);
        assertEquals(10_000, Captions.of(List.of(longest)).characters());
        assertThrows(IllegalArgumentException.class, () -> Captions.of(List.of("a", longest + "a")));
    }

    @Test
    void noCaptionsAndAnEmptyCaptionAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> Captions.of(List.of()));
        assertThrows(IllegalArgumentException.class, () -> Captions.of(List.of("a", "")));
    }
}
