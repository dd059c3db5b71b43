package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;

import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;

/**
 * The matrix product of the CPU device: C = I + A B for one panel of B, two vectors wide, at a time, with a tile of C's
 * rows in registers. With 32 registers a tile has eight rows, which leaves room for a row of B and an element of A;
 * with 16 registers a tile has six rows. Tiles of four and two take the remaining rows; {@link Gemv} computes an odd
 * last row. With R rows, an iteration of the inner loop loads 2 vectors and R elements and computes 2 R multiply-adds:
 * with six rows, 12 after 8 loads, and processors execute equally many of both at a time.
 *
 * <p>A lies in panels too: PANEL columns of all rows, then the next panel. The distance between rows and the length of
 * the inner loop are therefore constants. With variables, the compiler computes each element's address separately, or
 * keeps six rows in memory: the product then takes 1.5 or 2 times as long.
 *
 * <p>Each tile is written out, because the compiler keeps only sums in separate variables in registers. Every element
 * of C is summed in the order of the depth by fused multiply-adds, whichever tile holds the element.
 */
public final class Gemm {
    /** Whether eight rows' sums, a row of B and an element of A fit in registers; sums in memory take longer. */
    private static final boolean EIGHT = 2 * 8 + 3 <= Lanes.REGISTERS;

    private static final float[] ZEROS = new float[Lanes.ORIGIN + PANEL];

    /** A panel's row of zeros from {@link Lanes#ORIGIN} on, for products that start from zero. */
    public static float[] zeros() {
        return ZEROS;
    }

    /** The offsets of rows that lie {@code stride} floats apart; with 0, all rows have the same offset. */
    public static int[] places(int rows, int stride) {
        return IntStream.range(0, rows).map(row -> row * stride).toArray();
    }

    /**
     * C = I + A B, where A[m, s PANEL + k] = a[a0 + s aPanel + m PANEL + k], and for each panel q of B, I and C:
     * B[k, q PANEL + j] = b[b0 + q bPanel + k PANEL + j], I[m, q PANEL + j] = i[i0 + q iPanel + places[first + m] + j]
     * and C[m, q PANEL + j] = c[c0 + q cPanel + m cRow + j]. I may be C.
     *
     * @param aPanel floats from one panel of A to the next
     * @param depth  panels of A: its columns and the rows of B, divided by PANEL
     * @param i      the initial values of the sums: a bias, rows that are looked up, or an earlier sum
     * @param rows   the rows of A, I and C
     * @param panels the panels of B, I and C
     */
    public static void multiply(float[] a, int a0, int aPanel, int depth, float[] b, int b0, int bPanel, float[] i,
            int i0, int iPanel, int[] places, int first, float[] c, int c0, int cPanel, int cRow, int rows,
            int panels) {
        multiply(EIGHT, a, a0, aPanel, depth, b, b0, bPanel, i, i0, iPanel, places, first, c, c0, cPanel, cRow, rows,
                panels);
    }

    /** Computes the product for the first half of one panel; rows after the last tile of eight fill a whole panel. */
    public static void half(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i, int i0,
            int[] places, int first, float[] c, int c0, int cRow, int rows) {
        int m = 0;
        for (; m + 8 <= rows; m += 8) {
            eightHalfRows(a, a0 + m * PANEL, aPanel, depth, b, b0, i, i0, places, first + m, c, c0 + m * cRow, cRow);
        }
        multiply(a, a0 + m * PANEL, aPanel, depth, b, b0, 0, i, i0, 0, places, first + m, c, c0 + m * cRow, 0, cRow,
                rows - m, 1);
    }

    /** Computes the product in tiles of eight rows, or of six. */
    static void multiply(boolean eight, float[] a, int a0, int aPanel, int depth, float[] b, int b0, int bPanel,
            float[] i, int i0, int iPanel, int[] places, int first, float[] c, int c0, int cPanel, int cRow, int rows,
            int panels) {
        for (int q = 0; q < panels && rows > 1; q++) {
            evenRows(eight, a, a0, aPanel, depth, b, b0 + q * bPanel, i, i0 + q * iPanel, places, first, c,
                    c0 + q * cPanel, cRow, rows);
        }
        if (rows % 2 == 1) {
            int last = rows - 1;
            Gemv.multiply(a, a0 + last * PANEL, aPanel, depth, b, b0, bPanel, i, i0 + places[first + last], iPanel, c,
                    c0 + last * cRow, cPanel, panels);
        }
    }

    /** Computes the product for one panel of B, without the last of an odd number of rows. */
    private static void evenRows(boolean eight, float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i,
            int i0, int[] places, int first, float[] c, int c0, int cRow, int rows) {
        int m = 0;
        for (; eight && m + 8 <= rows; m += 8) {
            eightRows(a, a0 + m * PANEL, aPanel, depth, b, b0, i, i0, places, first + m, c, c0 + m * cRow, cRow);
        }
        // The last eight rows are two tiles of four rather than six and two: a tile of two waits for its sums.
        for (; !eight && m + 6 <= rows && rows - m != 8; m += 6) {
            sixRows(a, a0 + m * PANEL, aPanel, depth, b, b0, i, i0, places, first + m, c, c0 + m * cRow, cRow);
        }
        for (; m + 4 <= rows; m += 4) {
            fourRows(a, a0 + m * PANEL, aPanel, depth, b, b0, i, i0, places, first + m, c, c0 + m * cRow, cRow);
        }
        if (m + 2 <= rows) {
            twoRows(a, a0 + m * PANEL, aPanel, depth, b, b0, i, i0, places, first + m, c, c0 + m * cRow, cRow);
        }
    }

    private static void eightRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i, int i0,
            int[] places, int first, float[] c, int c0, int cRow) {
        int i1 = i0 + places[first];
        FloatVector x0 = load(i, i1);
        FloatVector y0 = load(i, i1 + COUNT);
        int i2 = i0 + places[first + 1];
        FloatVector x1 = load(i, i2);
        FloatVector y1 = load(i, i2 + COUNT);
        int i3 = i0 + places[first + 2];
        FloatVector x2 = load(i, i3);
        FloatVector y2 = load(i, i3 + COUNT);
        int i4 = i0 + places[first + 3];
        FloatVector x3 = load(i, i4);
        FloatVector y3 = load(i, i4 + COUNT);
        int i5 = i0 + places[first + 4];
        FloatVector x4 = load(i, i5);
        FloatVector y4 = load(i, i5 + COUNT);
        int i6 = i0 + places[first + 5];
        FloatVector x5 = load(i, i6);
        FloatVector y5 = load(i, i6 + COUNT);
        int i7 = i0 + places[first + 6];
        FloatVector x6 = load(i, i7);
        FloatVector y6 = load(i, i7 + COUNT);
        int i8 = i0 + places[first + 7];
        FloatVector x7 = load(i, i8);
        FloatVector y7 = load(i, i8 + COUNT);
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
        int c1 = c0 + cRow;
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
        int c2 = c1 + cRow;
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + COUNT);
        int c3 = c2 + cRow;
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + COUNT);
        int c4 = c3 + cRow;
        x4.intoArray(c, c4);
        y4.intoArray(c, c4 + COUNT);
        int c5 = c4 + cRow;
        x5.intoArray(c, c5);
        y5.intoArray(c, c5 + COUNT);
        int c6 = c5 + cRow;
        x6.intoArray(c, c6);
        y6.intoArray(c, c6 + COUNT);
        int c7 = c6 + cRow;
        x7.intoArray(c, c7);
        y7.intoArray(c, c7 + COUNT);
    }

    private static void sixRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i, int i0,
            int[] places, int first, float[] c, int c0, int cRow) {
        int i1 = i0 + places[first];
        FloatVector x0 = load(i, i1);
        FloatVector y0 = load(i, i1 + COUNT);
        int i2 = i0 + places[first + 1];
        FloatVector x1 = load(i, i2);
        FloatVector y1 = load(i, i2 + COUNT);
        int i3 = i0 + places[first + 2];
        FloatVector x2 = load(i, i3);
        FloatVector y2 = load(i, i3 + COUNT);
        int i4 = i0 + places[first + 3];
        FloatVector x3 = load(i, i4);
        FloatVector y3 = load(i, i4 + COUNT);
        int i5 = i0 + places[first + 4];
        FloatVector x4 = load(i, i5);
        FloatVector y4 = load(i, i5 + COUNT);
        int i6 = i0 + places[first + 5];
        FloatVector x5 = load(i, i6);
        FloatVector y5 = load(i, i6 + COUNT);
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
        int c1 = c0 + cRow;
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
        int c2 = c1 + cRow;
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + COUNT);
        int c3 = c2 + cRow;
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + COUNT);
        int c4 = c3 + cRow;
        x4.intoArray(c, c4);
        y4.intoArray(c, c4 + COUNT);
        int c5 = c4 + cRow;
        x5.intoArray(c, c5);
        y5.intoArray(c, c5 + COUNT);
    }

    private static void fourRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i, int i0,
            int[] places, int first, float[] c, int c0, int cRow) {
        int i1 = i0 + places[first];
        FloatVector x0 = load(i, i1);
        FloatVector y0 = load(i, i1 + COUNT);
        int i2 = i0 + places[first + 1];
        FloatVector x1 = load(i, i2);
        FloatVector y1 = load(i, i2 + COUNT);
        int i3 = i0 + places[first + 2];
        FloatVector x2 = load(i, i3);
        FloatVector y2 = load(i, i3 + COUNT);
        int i4 = i0 + places[first + 3];
        FloatVector x3 = load(i, i4);
        FloatVector y3 = load(i, i4 + COUNT);
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
        int c1 = c0 + cRow;
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
        int c2 = c1 + cRow;
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + COUNT);
        int c3 = c2 + cRow;
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + COUNT);
    }

    private static void twoRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i, int i0,
            int[] places, int first, float[] c, int c0, int cRow) {
        int i1 = i0 + places[first];
        FloatVector x0 = load(i, i1);
        FloatVector y0 = load(i, i1 + COUNT);
        int i2 = i0 + places[first + 1];
        FloatVector x1 = load(i, i2);
        FloatVector y1 = load(i, i2 + COUNT);
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
        int c1 = c0 + cRow;
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
    }

    /** A tile of eight rows of one vector: eight sums still keep the units busy, and 16 registers hold them. */
    private static void eightHalfRows(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i, int i0,
            int[] places, int first, float[] c, int c0, int cRow) {
        FloatVector x0 = load(i, i0 + places[first]);
        FloatVector x1 = load(i, i0 + places[first + 1]);
        FloatVector x2 = load(i, i0 + places[first + 2]);
        FloatVector x3 = load(i, i0 + places[first + 3]);
        FloatVector x4 = load(i, i0 + places[first + 4]);
        FloatVector x5 = load(i, i0 + places[first + 5]);
        FloatVector x6 = load(i, i0 + places[first + 6]);
        FloatVector x7 = load(i, i0 + places[first + 7]);
        for (int s = 0; s < depth; s++) {
            int from = a0 + s * aPanel;
            int row = b0 + s * PANEL * PANEL;
            for (int k = 0; k < PANEL; k++) {
                FloatVector x = load(b, row + k * PANEL);
                x0 = all(a[from + k]).fma(x, x0);
                x1 = all(a[from + PANEL + k]).fma(x, x1);
                x2 = all(a[from + 2 * PANEL + k]).fma(x, x2);
                x3 = all(a[from + 3 * PANEL + k]).fma(x, x3);
                x4 = all(a[from + 4 * PANEL + k]).fma(x, x4);
                x5 = all(a[from + 5 * PANEL + k]).fma(x, x5);
                x6 = all(a[from + 6 * PANEL + k]).fma(x, x6);
                x7 = all(a[from + 7 * PANEL + k]).fma(x, x7);
            }
        }
        x0.intoArray(c, c0);
        x1.intoArray(c, c0 + cRow);
        x2.intoArray(c, c0 + 2 * cRow);
        x3.intoArray(c, c0 + 3 * cRow);
        x4.intoArray(c, c0 + 4 * cRow);
        x5.intoArray(c, c0 + 5 * cRow);
        x6.intoArray(c, c0 + 6 * cRow);
        x7.intoArray(c, c0 + 7 * cRow);
    }
}
