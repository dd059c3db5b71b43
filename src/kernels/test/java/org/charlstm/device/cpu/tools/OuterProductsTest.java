package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tile, also those that this machine's registers do not ask for, gives a plain sum over rows in float32. */
class OuterProductsTest {
    private static final int MOST_ROWS = 2 * COUNT + 1;
    private static final int FIRST = 5;
    /** Of A and of B; the last of A's has few columns. */
    private static final int PANELS = 3;
    private static final int COLUMNS = 2 * PANEL + 3;
    /** Of a panel. Rows behind the product's become zeros up to a multiple of COUNT; the last one stays. */
    private static final int SIZE = (3 * COUNT + 1) * PANEL;
    private static final int C_PANEL = PANELS * PANEL * PANEL;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sumsOverRows(boolean eight) {
        for (int rows = 1; rows <= MOST_ROWS; rows++) {
            float[] a = GemmTest.values(1, PANELS * SIZE);
            float[] b = GemmTest.values(2, PANELS * SIZE);
            a[FIRST + rows * PANEL] = Float.NaN;
            b[FIRST + SIZE + rows * PANEL + 1] = Float.POSITIVE_INFINITY;
            float[] c = GemmTest.values(3, PANELS * C_PANEL);
            float[] before = c.clone();
            OuterProducts.multiply(eight, a, FIRST, SIZE, COLUMNS, b, FIRST, SIZE, rows, c, FIRST, C_PANEL, PANELS);
            for (int q = 0; q < PANELS; q++) {
                requireSums(a, b, rows, before, c, q, PANEL);
            }
            assertEquals(GemmTest.values(1, PANELS * SIZE)[FIRST + SIZE - 1], a[FIRST + SIZE - 1], "behind the zeros");
        }
    }

    private static void requireSums(float[] a, float[] b, int rows, float[] before, float[] c, int q, int columns) {
        for (int m = 0; m < COLUMNS; m++) {
            for (int j = 0; j < columns; j++) {
                int at = FIRST + q * C_PANEL + m * PANEL + j;
                float sum = before[at];
                for (int r = 0; r < rows; r++) {
                    sum = Math.fma(a[FIRST + m / PANEL * SIZE + r * PANEL + m % PANEL],
                            b[FIRST + q * SIZE + r * PANEL + j], sum);
                }
                assertEquals(sum, c[at], "row " + m + ", column " + j + " of panel " + q + ", sum of " + rows);
            }
        }
    }

    @Test
    void halfAPanelIsItsFirstColumns() {
        for (int rows = 1; rows <= MOST_ROWS; rows++) {
            float[] a = GemmTest.values(1, PANELS * SIZE);
            float[] b = GemmTest.values(2, PANELS * SIZE);
            float[] c = GemmTest.values(3, C_PANEL);
            float[] before = c.clone();
            OuterProducts.half(a, FIRST, SIZE, COLUMNS, b, FIRST, rows, c, FIRST);
            requireSums(a, b, rows, before, c, 0, COUNT);
            assertEquals(before[FIRST + COUNT], c[FIRST + COUNT], "the second half");
        }
    }
}
