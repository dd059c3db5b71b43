package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The product that sums over rows, C += A^T B, for gradients of weights. A and B lie in panels: PANEL columns of all
 * rows, then the next panel. A tile's columns of A are therefore adjacent, and nothing has to be transposed. Each
 * element of C is summed in the order of the rows by fused multiply-adds, whichever tile holds the element. Tiles are
 * as in {@link Gemm}.
 */
public final class OuterProducts {
    private static final boolean EIGHT = 2 * 8 + 3 <= Lanes.REGISTERS;

    /**
     * C += A^T B, where A[r, s PANEL + m] = a[a0 + s aPanel + r PANEL + m], and for each panel q of B and C:
     * B[r, q PANEL + j] = b[b0 + q bPanel + r PANEL + j] and C[m, q PANEL + j] = c[c0 + q cPanel + m PANEL + j].
     *
     * @param columns the columns of A and rows of C; columns that only fill a tile sum to zero if A has zeros there
     * @param rows    the rows of A and B; both have room for a multiple of COUNT rows, and extra rows become zero
     * @param panels  the panels of B and C
     */
    public static void multiply(float[] a, int a0, int aPanel, int columns, float[] b, int b0, int bPanel, int rows,
            float[] c, int c0, int cPanel, int panels) {
        multiply(EIGHT, a, a0, aPanel, columns, b, b0, bPanel, rows, c, c0, cPanel, panels);
    }

    /** Computes the product in tiles of eight columns, or of six. */
    static void multiply(boolean eight, float[] a, int a0, int aPanel, int columns, float[] b, int b0, int bPanel,
            int rows, float[] c, int c0, int cPanel, int panels) {
        clear(a, a0, aPanel, Math.ceilDiv(columns, PANEL), rows);
        clear(b, b0, bPanel, panels, rows);
        for (int q = 0; q < panels; q++) {
            for (int s = 0; s < columns; s += PANEL) {
                panel(eight, a, a0 + s / PANEL * aPanel, Math.min(PANEL, columns - s), b, b0 + q * bPanel, rows, c,
                        c0 + q * cPanel + s * PANEL);
            }
        }
    }

    /** Computes the product for the first half of one panel of B and C. */
    public static void half(float[] a, int a0, int aPanel, int columns, float[] b, int b0, int rows, float[] c,
            int c0) {
        clear(a, a0, aPanel, Math.ceilDiv(columns, PANEL), rows);
        clear(b, b0, 0, 1, rows);
        for (int m = 0; m < columns; m += 8) {
            eightHalfColumns(a, a0 + m / PANEL * aPanel + m % PANEL, b, b0, rows, c, c0 + m * PANEL);
        }
    }

    /** Tiles take COUNT rows at a time; with a variable number, the compiler keeps a sum in memory. */
    private static void clear(float[] values, int at, int panel, int panels, int rows) {
        int end = Math.ceilDiv(rows, COUNT) * COUNT;
        for (int q = 0; q < panels && rows < end; q++) {
            Arrays.fill(values, at + q * panel + rows * PANEL, at + q * panel + end * PANEL, 0f);
        }
    }

    /** Computes the product of a panel of A, in tiles of eight or six columns, and a panel of B. */
    private static void panel(boolean eight, float[] a, int a0, int columns, float[] b, int b0, int rows, float[] c,
            int c0) {
        int m = 0;
        for (; eight && m < columns; m += 8) {
            eightColumns(a, a0 + m, b, b0, rows, c, c0 + m * PANEL);
        }
        // A panel of sixteen columns takes two tiles of six and a tile of four.
        for (; m < columns && PANEL - m > 8; m += 6) {
            sixColumns(a, a0 + m, b, b0, rows, c, c0 + m * PANEL);
        }
        for (; m < columns; m += 4) {
            fourColumns(a, a0 + m, b, b0, rows, c, c0 + m * PANEL);
        }
    }

    private static void eightColumns(float[] a, int a0, float[] b, int b0, int rows, float[] c, int c0) {
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c0 + PANEL);
        FloatVector y1 = load(c, c0 + PANEL + COUNT);
        FloatVector x2 = load(c, c0 + 2 * PANEL);
        FloatVector y2 = load(c, c0 + 2 * PANEL + COUNT);
        FloatVector x3 = load(c, c0 + 3 * PANEL);
        FloatVector y3 = load(c, c0 + 3 * PANEL + COUNT);
        FloatVector x4 = load(c, c0 + 4 * PANEL);
        FloatVector y4 = load(c, c0 + 4 * PANEL + COUNT);
        FloatVector x5 = load(c, c0 + 5 * PANEL);
        FloatVector y5 = load(c, c0 + 5 * PANEL + COUNT);
        FloatVector x6 = load(c, c0 + 6 * PANEL);
        FloatVector y6 = load(c, c0 + 6 * PANEL + COUNT);
        FloatVector x7 = load(c, c0 + 7 * PANEL);
        FloatVector y7 = load(c, c0 + 7 * PANEL + COUNT);
        for (int s = 0; s < rows; s += COUNT) {
            for (int k = 0; k < COUNT; k++) {
                int from = a0 + (s + k) * PANEL;
                int row = b0 + (s + k) * PANEL;
                FloatVector x = load(b, row);
                FloatVector y = load(b, row + COUNT);
                FloatVector v = all(a[from]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + 1]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
                v = all(a[from + 4]);
                x4 = v.fma(x, x4);
                y4 = v.fma(y, y4);
                v = all(a[from + 5]);
                x5 = v.fma(x, x5);
                y5 = v.fma(y, y5);
                v = all(a[from + 6]);
                x6 = v.fma(x, x6);
                y6 = v.fma(y, y6);
                v = all(a[from + 7]);
                x7 = v.fma(x, x7);
                y7 = v.fma(y, y7);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c0 + PANEL);
        y1.intoArray(c, c0 + PANEL + COUNT);
        x2.intoArray(c, c0 + 2 * PANEL);
        y2.intoArray(c, c0 + 2 * PANEL + COUNT);
        x3.intoArray(c, c0 + 3 * PANEL);
        y3.intoArray(c, c0 + 3 * PANEL + COUNT);
        x4.intoArray(c, c0 + 4 * PANEL);
        y4.intoArray(c, c0 + 4 * PANEL + COUNT);
        x5.intoArray(c, c0 + 5 * PANEL);
        y5.intoArray(c, c0 + 5 * PANEL + COUNT);
        x6.intoArray(c, c0 + 6 * PANEL);
        y6.intoArray(c, c0 + 6 * PANEL + COUNT);
        x7.intoArray(c, c0 + 7 * PANEL);
        y7.intoArray(c, c0 + 7 * PANEL + COUNT);
    }

    private static void sixColumns(float[] a, int a0, float[] b, int b0, int rows, float[] c, int c0) {
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c0 + PANEL);
        FloatVector y1 = load(c, c0 + PANEL + COUNT);
        FloatVector x2 = load(c, c0 + 2 * PANEL);
        FloatVector y2 = load(c, c0 + 2 * PANEL + COUNT);
        FloatVector x3 = load(c, c0 + 3 * PANEL);
        FloatVector y3 = load(c, c0 + 3 * PANEL + COUNT);
        FloatVector x4 = load(c, c0 + 4 * PANEL);
        FloatVector y4 = load(c, c0 + 4 * PANEL + COUNT);
        FloatVector x5 = load(c, c0 + 5 * PANEL);
        FloatVector y5 = load(c, c0 + 5 * PANEL + COUNT);
        for (int s = 0; s < rows; s += COUNT) {
            for (int k = 0; k < COUNT; k++) {
                int from = a0 + (s + k) * PANEL;
                int row = b0 + (s + k) * PANEL;
                FloatVector x = load(b, row);
                FloatVector y = load(b, row + COUNT);
                FloatVector v = all(a[from]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + 1]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
                v = all(a[from + 4]);
                x4 = v.fma(x, x4);
                y4 = v.fma(y, y4);
                v = all(a[from + 5]);
                x5 = v.fma(x, x5);
                y5 = v.fma(y, y5);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c0 + PANEL);
        y1.intoArray(c, c0 + PANEL + COUNT);
        x2.intoArray(c, c0 + 2 * PANEL);
        y2.intoArray(c, c0 + 2 * PANEL + COUNT);
        x3.intoArray(c, c0 + 3 * PANEL);
        y3.intoArray(c, c0 + 3 * PANEL + COUNT);
        x4.intoArray(c, c0 + 4 * PANEL);
        y4.intoArray(c, c0 + 4 * PANEL + COUNT);
        x5.intoArray(c, c0 + 5 * PANEL);
        y5.intoArray(c, c0 + 5 * PANEL + COUNT);
    }

    private static void fourColumns(float[] a, int a0, float[] b, int b0, int rows, float[] c, int c0) {
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c0 + PANEL);
        FloatVector y1 = load(c, c0 + PANEL + COUNT);
        FloatVector x2 = load(c, c0 + 2 * PANEL);
        FloatVector y2 = load(c, c0 + 2 * PANEL + COUNT);
        FloatVector x3 = load(c, c0 + 3 * PANEL);
        FloatVector y3 = load(c, c0 + 3 * PANEL + COUNT);
        for (int s = 0; s < rows; s += COUNT) {
            for (int k = 0; k < COUNT; k++) {
                int from = a0 + (s + k) * PANEL;
                int row = b0 + (s + k) * PANEL;
                FloatVector x = load(b, row);
                FloatVector y = load(b, row + COUNT);
                FloatVector v = all(a[from]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + 1]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c0 + PANEL);
        y1.intoArray(c, c0 + PANEL + COUNT);
        x2.intoArray(c, c0 + 2 * PANEL);
        y2.intoArray(c, c0 + 2 * PANEL + COUNT);
        x3.intoArray(c, c0 + 3 * PANEL);
        y3.intoArray(c, c0 + 3 * PANEL + COUNT);
    }

    private static void eightHalfColumns(float[] a, int a0, float[] b, int b0, int rows, float[] c, int c0) {
        FloatVector x0 = load(c, c0);
        FloatVector x1 = load(c, c0 + PANEL);
        FloatVector x2 = load(c, c0 + 2 * PANEL);
        FloatVector x3 = load(c, c0 + 3 * PANEL);
        FloatVector x4 = load(c, c0 + 4 * PANEL);
        FloatVector x5 = load(c, c0 + 5 * PANEL);
        FloatVector x6 = load(c, c0 + 6 * PANEL);
        FloatVector x7 = load(c, c0 + 7 * PANEL);
        for (int s = 0; s < rows; s += COUNT) {
            for (int k = 0; k < COUNT; k++) {
                int from = a0 + (s + k) * PANEL;
                FloatVector x = load(b, b0 + (s + k) * PANEL);
                x0 = all(a[from]).fma(x, x0);
                x1 = all(a[from + 1]).fma(x, x1);
                x2 = all(a[from + 2]).fma(x, x2);
                x3 = all(a[from + 3]).fma(x, x3);
                x4 = all(a[from + 4]).fma(x, x4);
                x5 = all(a[from + 5]).fma(x, x5);
                x6 = all(a[from + 6]).fma(x, x6);
                x7 = all(a[from + 7]).fma(x, x7);
            }
        }
        x0.intoArray(c, c0);
        x1.intoArray(c, c0 + PANEL);
        x2.intoArray(c, c0 + 2 * PANEL);
        x3.intoArray(c, c0 + 3 * PANEL);
        x4.intoArray(c, c0 + 4 * PANEL);
        x5.intoArray(c, c0 + 5 * PANEL);
        x6.intoArray(c, c0 + 6 * PANEL);
        x7.intoArray(c, c0 + 7 * PANEL);
    }
}
