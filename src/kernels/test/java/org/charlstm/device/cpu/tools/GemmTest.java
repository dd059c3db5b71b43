package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tile, also those that this machine's registers do not ask for, and a row alone give a plain sum in float32. */
class GemmTest {
    private static final int MOST_ROWS = 25;
    private static final int DEPTH = 3;
    /** Of B and C: four at once and two that are left, of an odd row. */
    private static final int PANELS = 6;
    private static final int FIRST = 5;
    /** Floats behind a row of C, behind a panel of B and behind the last of all, that are not the product's. */
    private static final int GAP = 3;
    private static final int B_PANEL = DEPTH * PANEL * PANEL + GAP;

    /** Sums begin with rows of another array, in any order, and then with those of C. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isThePlainProduct(boolean eight) {
        for (int rows = 1; rows <= MOST_ROWS; rows++) {
            int cPanel = rows * (PANEL + GAP);
            float[] a = values(1, rows * DEPTH * PANEL);
            float[] b = values(2, PANELS * B_PANEL);
            float[] c = values(3, PANELS * cPanel);
            float[] begun = values(4, PANELS * PANEL + MOST_ROWS);
            int[] places = new int[rows + 1];
            Arrays.setAll(places, row -> 7 * row % MOST_ROWS);
            float[] before = c.clone();
            Gemm.multiply(eight, a, FIRST, rows * PANEL, DEPTH, b, FIRST, B_PANEL, begun, FIRST, PANEL, places, 1, c,
                    FIRST, cPanel, PANEL + GAP, rows, PANELS);
            requireSums(a, b, rows, PANEL, (q, m, j) -> begun[FIRST + q * PANEL + places[1 + m] + j], before, c);
            before = c.clone();
            float[] last = before;
            Gemm.multiply(eight, a, FIRST, rows * PANEL, DEPTH, b, FIRST, B_PANEL, c, FIRST, cPanel,
                    Gemm.places(rows, PANEL + GAP), 0, c, FIRST, cPanel, PANEL + GAP, rows, PANELS);
            requireSums(a, b, rows, PANEL, (q, m, j) -> last[FIRST + q * cPanel + m * (PANEL + GAP) + j], before, c);
        }
    }

    private interface Begun {
        float at(int panel, int row, int column);
    }

    private static void requireSums(float[] a, float[] b, int rows, int columns, Begun begun, float[] before,
            float[] c) {
        int cPanel = rows * (PANEL + GAP);
        for (int i = 0; i < c.length; i++) {
            int q = (i - FIRST) / cPanel;
            int m = (i - FIRST) % cPanel / (PANEL + GAP);
            int j = (i - FIRST) % (PANEL + GAP);
            boolean inside = i >= FIRST && q < PANELS && j < columns;
            assertEquals(inside ? sum(begun.at(q, m, j), a, b, rows, m, q * B_PANEL + j) : before[i], c[i],
                    "row " + m + " of " + rows + ", column " + j + " of panel " + q);
        }
    }

    @Test
    void halfAPanelIsItsFirstColumns() {
        for (int rows = 1; rows <= MOST_ROWS; rows++) {
            float[] a = values(1, rows * DEPTH * PANEL);
            float[] b = values(2, B_PANEL);
            float[] begun = values(3, PANEL);
            float[] c = new float[FIRST + rows * PANEL];
            Gemm.half(a, FIRST, rows * PANEL, DEPTH, b, FIRST, begun, FIRST, new int[rows], 0, c, FIRST, PANEL, rows);
            for (int i = 0; i < rows * PANEL; i++) {
                int j = i % PANEL;
                if (j < Lanes.COUNT) {
                    assertEquals(sum(begun[FIRST + j], a, b, rows, i / PANEL, j), c[FIRST + i], "element " + i);
                }
            }
        }
    }

    /** In the order of the depth, rounded once for each element: what all kernels promise, to the bit. */
    private static float sum(float c, float[] a, float[] b, int rows, int m, int column) {
        float sum = c;
        for (int k = 0; k < DEPTH * PANEL; k++) {
            float element = a[FIRST + (k / PANEL * rows + m) * PANEL + k % PANEL];
            sum = Math.fma(element, b[FIRST + column + k * PANEL], sum);
        }
        return sum;
    }

    static float[] values(int seed, int count) {
        double[] random = TrialMemory.random(seed, FIRST + count + GAP, 1);
        float[] values = new float[random.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random[i];
        }
        return values;
    }
}
