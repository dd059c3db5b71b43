package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * The matrix product of the CPU device: C += A B panel by panel of B, two vectors wide, with a tile of C's rows in
 * registers. A tile has eight rows where there are 32 registers, which leaves room for a row of B and an element of A,
 * six where there are 16, and four and two for the rows that are left; {@link Gemv} does a last one. With R rows a turn
 * of the inner loop loads 2 vectors and R elements and does 2 R multiply-adds: 12 after 8 loads, where processors do as
 * many of both at a time.
 *
 * <p>A lies in panels as well, PANEL columns of all rows and then the next, so that the distance between rows and the
 * length of the inner loop are constants. With variables the compiler works out each element's address by itself, or
 * keeps six rows in memory: then the product takes half as long again, or twice as long.
 *
 * <p>Each tile is written out, for the compiler keeps in registers only sums that are variables of their own. Every
 * element of C is summed in the order of the depth by fused multiply-adds, whichever tile it is in.
 */
public final class Gemm {
    /** Whether eight rows' sums, a row of B and an element of A fit in registers; through memory a sum takes longer. */
    private static final boolean EIGHT = 2 * 8 + 3 <= Lanes.REGISTERS;

    /**
     * C += A B, with A[m, s PANEL + k] = a[a0 + s aPanel + m PANEL + k], and of each panel q of B and C
     * B[k, q PANEL + j] = b[b0 + q bPanel + k PANEL + j] and C[m, q PANEL + j] = c[c0 + q cPanel + m cRow + j].
     *
     * @param aPanel floats from one panel of A to the next
     * @param depth  panels of A: its columns and the rows of B, divided by PANEL
     * @param rows   of A and of C
     * @param panels of B and of C
     */
    public static void multiply(float[] a, int a0, int aPanel, int depth, float[] b, int b0, int bPanel, float[] c,
            int c0, int cPanel, int cRow, int rows, int panels) {
        multiply(EIGHT, a, a0, aPanel, depth, b, b0, bPanel, c, c0, cPanel, cRow, rows, panels);
    }

    /** The same in tiles of eight rows, or of six. */
    static void multiply(boolean eight, float[] a, int a0, int aPanel, int depth, float[] b, int b0, int bPanel,
            float[] c, int c0, int cPanel, int cRow, int rows, int panels) {
        for (int q = 0; q < panels && rows > 1; q++) {
            evenRows(eight, a, a0, aPanel, depth, b, b0 + q * bPanel, c, c0 + q * cPanel, cRow, rows);
        }
        if (rows % 2 == 1) {
            int last = rows - 1;
            Gemv.multiply(a, a0 + last * PANEL, aPanel, depth, b, b0, bPanel, c, c0 + last * cRow, cPanel, panels);
        }
    }

    /** The product for one panel of B, without the last row if their number is odd. */
    private static void evenRows(boolean eight, float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] c,
            int c0, int cRow, int rows) {
        int m = 0;
        for (; eight && m + 8 <= rows; m += 8) {
            eightRows(a, a0 + m * PANEL, aPanel, depth, b, b0, c, c0 + m * cRow, cRow);
        }
        // Eight that are left are twice four rather than six and two: a tile of two waits for its sums.
        for (; !eight && m + 6 <= rows && rows - m != 8; m += 6) {
            sixRows(a, a0 + m * PANEL, aPanel, depth, b, b0, c, c0 + m * cRow, cRow);
        }
        for (; m + 4 <= rows; m += 4) {
            fourRows(a, a0 + m * PANEL, aPanel, depth, b, b0, c, c0 + m * cRow, cRow);
        }
        if (m + 2 <= rows) {
            twoRows(a, a0 + m * PANEL, aPanel, depth, b, b0, c, c0 + m * cRow, cRow);
        }
    }

    private static void eightRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] c,
            int c0, int cRow) {
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        int c6 = c5 + cRow;
        int c7 = c6 + cRow;
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c1);
        FloatVector y1 = load(c, c1 + COUNT);
        FloatVector x2 = load(c, c2);
        FloatVector y2 = load(c, c2 + COUNT);
        FloatVector x3 = load(c, c3);
        FloatVector y3 = load(c, c3 + COUNT);
        FloatVector x4 = load(c, c4);
        FloatVector y4 = load(c, c4 + COUNT);
        FloatVector x5 = load(c, c5);
        FloatVector y5 = load(c, c5 + COUNT);
        FloatVector x6 = load(c, c6);
        FloatVector y6 = load(c, c6 + COUNT);
        FloatVector x7 = load(c, c7);
        FloatVector y7 = load(c, c7 + COUNT);
        for (int s = 0; s < depth; s++) {
            int from = a0 + s * aPanel;
            int row = b0 + s * PANEL * PANEL;
            for (int k = 0; k < PANEL; k++) {
                FloatVector x = load(b, row + k * PANEL);
                FloatVector y = load(b, row + k * PANEL + COUNT);
                FloatVector v = all(a[from + k]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + PANEL + k]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2 * PANEL + k]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3 * PANEL + k]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
                v = all(a[from + 4 * PANEL + k]);
                x4 = v.fma(x, x4);
                y4 = v.fma(y, y4);
                v = all(a[from + 5 * PANEL + k]);
                x5 = v.fma(x, x5);
                y5 = v.fma(y, y5);
                v = all(a[from + 6 * PANEL + k]);
                x6 = v.fma(x, x6);
                y6 = v.fma(y, y6);
                v = all(a[from + 7 * PANEL + k]);
                x7 = v.fma(x, x7);
                y7 = v.fma(y, y7);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + COUNT);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + COUNT);
        x4.intoArray(c, c4);
        y4.intoArray(c, c4 + COUNT);
        x5.intoArray(c, c5);
        y5.intoArray(c, c5 + COUNT);
        x6.intoArray(c, c6);
        y6.intoArray(c, c6 + COUNT);
        x7.intoArray(c, c7);
        y7.intoArray(c, c7 + COUNT);
    }

    private static void sixRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] c,
            int c0, int cRow) {
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        int c4 = c3 + cRow;
        int c5 = c4 + cRow;
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c1);
        FloatVector y1 = load(c, c1 + COUNT);
        FloatVector x2 = load(c, c2);
        FloatVector y2 = load(c, c2 + COUNT);
        FloatVector x3 = load(c, c3);
        FloatVector y3 = load(c, c3 + COUNT);
        FloatVector x4 = load(c, c4);
        FloatVector y4 = load(c, c4 + COUNT);
        FloatVector x5 = load(c, c5);
        FloatVector y5 = load(c, c5 + COUNT);
        for (int s = 0; s < depth; s++) {
            int from = a0 + s * aPanel;
            int row = b0 + s * PANEL * PANEL;
            for (int k = 0; k < PANEL; k++) {
                FloatVector x = load(b, row + k * PANEL);
                FloatVector y = load(b, row + k * PANEL + COUNT);
                FloatVector v = all(a[from + k]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + PANEL + k]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2 * PANEL + k]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3 * PANEL + k]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
                v = all(a[from + 4 * PANEL + k]);
                x4 = v.fma(x, x4);
                y4 = v.fma(y, y4);
                v = all(a[from + 5 * PANEL + k]);
                x5 = v.fma(x, x5);
                y5 = v.fma(y, y5);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + COUNT);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + COUNT);
        x4.intoArray(c, c4);
        y4.intoArray(c, c4 + COUNT);
        x5.intoArray(c, c5);
        y5.intoArray(c, c5 + COUNT);
    }

    private static void fourRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] c,
            int c0, int cRow) {
        int c1 = c0 + cRow;
        int c2 = c1 + cRow;
        int c3 = c2 + cRow;
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c1);
        FloatVector y1 = load(c, c1 + COUNT);
        FloatVector x2 = load(c, c2);
        FloatVector y2 = load(c, c2 + COUNT);
        FloatVector x3 = load(c, c3);
        FloatVector y3 = load(c, c3 + COUNT);
        for (int s = 0; s < depth; s++) {
            int from = a0 + s * aPanel;
            int row = b0 + s * PANEL * PANEL;
            for (int k = 0; k < PANEL; k++) {
                FloatVector x = load(b, row + k * PANEL);
                FloatVector y = load(b, row + k * PANEL + COUNT);
                FloatVector v = all(a[from + k]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + PANEL + k]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2 * PANEL + k]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3 * PANEL + k]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + COUNT);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + COUNT);
    }

    private static void twoRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] c,
            int c0, int cRow) {
        int c1 = c0 + cRow;
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c1);
        FloatVector y1 = load(c, c1 + COUNT);
        for (int s = 0; s < depth; s++) {
            int from = a0 + s * aPanel;
            int row = b0 + s * PANEL * PANEL;
            for (int k = 0; k < PANEL; k++) {
                FloatVector x = load(b, row + k * PANEL);
                FloatVector y = load(b, row + k * PANEL + COUNT);
                FloatVector v = all(a[from + k]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + PANEL + k]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
    }
}
