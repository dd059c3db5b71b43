package org.charlstm.text;

import static org.charlstm.Refusals.assertRefused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class FeaturesTest {
    @Test
    void aRowIsCopiedToAnIndex() {
        Features features = new Features("x", new float[][] {{1, 2}, {3, 4}, {5, 6}});
        assertEquals(3, features.rows());
        assertEquals(2, features.columns());
        float[] into = new float[4];
        features.row(1, into, 1);
        assertArrayEquals(new float[] {0, 3, 4, 0}, into);
    }

    @Test
    void theFirstValueThatIsNotFiniteIsNamed() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[][] values = {{1, 2, 3}, {4, 5, bad}, {bad, 8, 9}};
            assertEquals("x.npy has " + bad + " in row 1, column 2, both from 0, as float32; each value must be finite",
                    assertRefused("x.npy", () -> new Features("x.npy", values)));
        }
    }

    @Test
    void noRowsAndUnequalRowsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Features("x", new float[0][]));
        assertThrows(IllegalArgumentException.class, () -> new Features("x", new float[2][0]));
        assertThrows(IllegalArgumentException.class, () -> new Features("x", new float[][] {{1}, {1, 2}}));
    }
}
