package org.charlstm.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Medians and ranges. */
class SpreadTest {
    @Test
    void theMedianIsTheMiddleOneOrTheMeanOfTwo() {
        assertEquals(new Spread(3, 1, 9), Spread.of(List.of(9.0, 1.0, 3.0)));
        assertEquals(new Spread(2.5, 1, 9), Spread.of(List.of(9.0, 1.0, 3.0, 2.0)));
        assertEquals(new Spread(7, 7, 7), Spread.of(List.of(7.0)));
        assertThrows(IllegalArgumentException.class, () -> Spread.of(List.of()));
    }

    @Test
    void rangesOverlapUpToTheirEnds() {
        Spread spread = new Spread(3, 2, 4);
        assertTrue(spread.overlaps(new Spread(5, 4, 6)) && new Spread(5, 4, 6).overlaps(spread));
        assertFalse(spread.overlaps(new Spread(5, 4.1, 6)) || new Spread(5, 4.1, 6).overlaps(spread));
        assertTrue(spread.overlaps(new Spread(3, 2.5, 3.5)));
    }

    @Test
    void rates() {
        assertEquals(new Spread(4, 3, 6), new Spread(3, 2, 4).dividing(12));
    }
}
