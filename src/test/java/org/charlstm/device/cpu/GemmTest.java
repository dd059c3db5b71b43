package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.charlstm.diagnose.Bench;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every tile, also those that this machine's registers do not ask for, gives a plain sum in float32. */
class GemmTest {
    private static final int MOST_ROWS = 25;
    private static final int PANELS = 3;
    private static final int FIRST = 5;
    /** Floats behind a row of C, and behind the last, that are not the product's. */
    private static final int GAP = 3;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isThePlainProduct(boolean eight) {
        for (int rows = 1; rows <= MOST_ROWS; rows++) {
            float[] a = values(1, rows * PANELS * PANEL);
            float[] b = values(2, PANELS * PANEL * PANEL);
            float[] c = values(3, rows * (PANEL + GAP));
            float[] before = c.clone();
            Gemm.multiply(eight, a, FIRST, rows * PANEL, PANELS, b, FIRST, c, FIRST, PANEL + GAP, rows);
            for (int i = 0; i < c.length; i++) {
                int m = (i - FIRST) / (PANEL + GAP);
                int j = (i - FIRST) % (PANEL + GAP);
                boolean inside = i >= FIRST && m < rows && j < PANEL;
                assertEquals(inside ? sum(before[i], a, b, rows, m, j) : before[i], c[i],
                        "row " + m + " of " + rows + ", column " + j);
            }
        }
    }

    /** In the order of the depth, rounded once for each element: what all kernels promise, to the bit. */
    private static float sum(float c, float[] a, float[] b, int rows, int m, int j) {
        float sum = c;
        for (int k = 0; k < PANELS * PANEL; k++) {
            float element = a[FIRST + (k / PANEL * rows + m) * PANEL + k % PANEL];
            sum = Math.fma(element, b[FIRST + k * PANEL + j], sum);
        }
        return sum;
    }

    private static float[] values(int seed, int count) {
        double[] random = Bench.random(seed, FIRST + count + GAP, 1);
        float[] values = new float[random.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random[i];
        }
        return values;
    }
}
