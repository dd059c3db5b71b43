package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * The matrix products of the CPU device: C += A B for one panel of B, two vectors wide, with eight rows of C in
 * registers, or four, two and one for the rows that are left. The depth may lie in segments of equal length, each a
 * fixed distance from the one before, in A and in B.
 * Every element of C is summed in the order of the depth by fused multiply-adds, whichever kernel does it.
 */
final class Gemm {
    /** Rows of C that one pass keeps in registers. */
    static final int TILE = 8;
    /** Whether a tile's sums, a row of B and an element of A fit in registers; through memory a sum takes longer. */
    private static final boolean FITS = 2 * TILE + 3 <= Lanes.REGISTERS;

    private Gemm() {
    }

    /**
     * A is read along its rows: A[m, k] = a[a0 + m aRow + k], B[k, j] = b[b0 + k PANEL + j] and
     * C[m, j] = c[c0 + m cRow + j] for the panel's columns j; in segment s, A and B are s aSegment and s bSegment
     * further on.
     */
    static void alongRows(float[] a, int a0, int aRow, int aSegment, float[] b, int b0, int bSegment,
            int segments, int depth, float[] c, int c0, int cRow, int rows) {
        int m = 0;
        for (; FITS && m + TILE <= rows; m += TILE) {
            tileAlongRows(a, a0 + m * aRow, aRow, aSegment, b, b0, bSegment, segments, depth, c, c0 + m * cRow,
                    cRow);
        }
        for (; m + 4 <= rows; m += 4) {
            fourRows(a, a0 + m * aRow, aRow, aSegment, b, b0, bSegment, segments, depth, c, c0 + m * cRow, cRow);
        }
        if (m + 2 <= rows) {
            twoRows(a, a0 + m * aRow, aRow, aSegment, b, b0, bSegment, segments, depth, c, c0 + m * cRow, cRow);
            m += 2;
        }
        if (m < rows) {
            oneRow(a, a0 + m * aRow, aSegment, b, b0, bSegment, segments, depth, c, c0 + m * cRow);
        }
    }

    /**
     * The same with A transposed: A[m, k] = a[a0 + k aColumn + m]. The number of rows of C is a multiple of
     * {@link #TILE}.
     */
    static void alongColumns(float[] a, int a0, int aColumn, int aSegment, float[] b, int b0, int bSegment,
            int segments, int depth, float[] c, int c0, int cRow, int rows) {
        for (int m = 0; m < rows; m += TILE) {
            tileAlongColumns(a, a0 + m, aColumn, aSegment, b, b0, bSegment, segments, depth, c, c0 + m * cRow,
                    cRow);
        }
    }

    private static void tileAlongRows(float[] a, int a0, int aRow, int aSegment, float[] b, int b0, int bSegment,
            int segments, int depth, float[] c, int c0, int cRow) {
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
        for (int s = 0; s < segments; s++) {
            int from = a0 + s * aSegment;
            int panel = b0 + s * bSegment;
            for (int k = 0; k < depth; k++) {
                FloatVector x = load(b, panel + k * PANEL);
                FloatVector y = load(b, panel + k * PANEL + COUNT);
                FloatVector v = all(a[from + k]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + aRow + k]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2 * aRow + k]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3 * aRow + k]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
                v = all(a[from + 4 * aRow + k]);
                x4 = v.fma(x, x4);
                y4 = v.fma(y, y4);
                v = all(a[from + 5 * aRow + k]);
                x5 = v.fma(x, x5);
                y5 = v.fma(y, y5);
                v = all(a[from + 6 * aRow + k]);
                x6 = v.fma(x, x6);
                y6 = v.fma(y, y6);
                v = all(a[from + 7 * aRow + k]);
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

    private static void tileAlongColumns(float[] a, int a0, int aColumn, int aSegment, float[] b, int b0, int bSegment,
            int segments, int depth, float[] c, int c0, int cRow) {
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
        for (int s = 0; s < segments; s++) {
            int from = a0 + s * aSegment;
            int panel = b0 + s * bSegment;
            for (int k = 0; k < depth; k++) {
                FloatVector x = load(b, panel + k * PANEL);
                FloatVector y = load(b, panel + k * PANEL + COUNT);
                int at = from + k * aColumn;
                FloatVector v = all(a[at]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[at + 1]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[at + 2]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[at + 3]);
                x3 = v.fma(x, x3);
                y3 = v.fma(y, y3);
                v = all(a[at + 4]);
                x4 = v.fma(x, x4);
                y4 = v.fma(y, y4);
                v = all(a[at + 5]);
                x5 = v.fma(x, x5);
                y5 = v.fma(y, y5);
                v = all(a[at + 6]);
                x6 = v.fma(x, x6);
                y6 = v.fma(y, y6);
                v = all(a[at + 7]);
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

    private static void fourRows(float[] a, int a0, int aRow, int aSegment, float[] b, int b0, int bSegment,
            int segments, int depth, float[] c, int c0, int cRow) {
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
        for (int s = 0; s < segments; s++) {
            int from = a0 + s * aSegment;
            int panel = b0 + s * bSegment;
            for (int k = 0; k < depth; k++) {
                FloatVector x = load(b, panel + k * PANEL);
                FloatVector y = load(b, panel + k * PANEL + COUNT);
                FloatVector v = all(a[from + k]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + aRow + k]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
                v = all(a[from + 2 * aRow + k]);
                x2 = v.fma(x, x2);
                y2 = v.fma(y, y2);
                v = all(a[from + 3 * aRow + k]);
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

    private static void twoRows(float[] a, int a0, int aRow, int aSegment, float[] b, int b0, int bSegment,
            int segments, int depth, float[] c, int c0, int cRow) {
        int c1 = c0 + cRow;
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        FloatVector x1 = load(c, c1);
        FloatVector y1 = load(c, c1 + COUNT);
        for (int s = 0; s < segments; s++) {
            int from = a0 + s * aSegment;
            int panel = b0 + s * bSegment;
            for (int k = 0; k < depth; k++) {
                FloatVector x = load(b, panel + k * PANEL);
                FloatVector y = load(b, panel + k * PANEL + COUNT);
                FloatVector v = all(a[from + k]);
                x0 = v.fma(x, x0);
                y0 = v.fma(y, y0);
                v = all(a[from + aRow + k]);
                x1 = v.fma(x, x1);
                y1 = v.fma(y, y1);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
    }

    private static void oneRow(float[] a, int a0, int aSegment, float[] b, int b0, int bSegment,
            int segments, int depth, float[] c, int c0) {
        FloatVector x0 = load(c, c0);
        FloatVector y0 = load(c, c0 + COUNT);
        for (int s = 0; s < segments; s++) {
            int from = a0 + s * aSegment;
            int panel = b0 + s * bSegment;
            for (int k = 0; k < depth; k++) {
                FloatVector v = all(a[from + k]);
                x0 = v.fma(load(b, panel + k * PANEL), x0);
                y0 = v.fma(load(b, panel + k * PANEL + COUNT), y0);
            }
        }
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
    }
}
