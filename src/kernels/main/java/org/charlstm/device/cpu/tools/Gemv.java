package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;

/**
 * The product of a row and a matrix: for sampling one sentence, and for the last of an odd number of rows. Four panels
 * are computed together: their eight sums keep two units busy, whereas the two sums of a single panel would each wait
 * about four cycles for the previous multiply-add. B is read once, so its 2 loads for 2 multiply-adds are then the
 * limit. The sums are written out and have the same order as in {@link Gemm}.
 */
final class Gemv {
    /** C = I + A B as in {@link Gemm#multiply}, for one row. */
    static void multiply(float[] a, int a0, int aPanel, int depth, float[] b, int b0, int bPanel, float[] i, int i0,
            int iPanel, float[] c, int c0, int cPanel, int panels) {
        int q = 0;
        for (; q + 4 <= panels; q += 4) {
            fourPanels(a, a0, aPanel, depth, b, b0 + q * bPanel, bPanel, i, i0 + q * iPanel, iPanel, c,
                    c0 + q * cPanel, cPanel);
        }
        for (; q < panels; q++) {
            onePanel(a, a0, aPanel, depth, b, b0 + q * bPanel, i, i0 + q * iPanel, c, c0 + q * cPanel);
        }
    }

    private static void fourPanels(float[] a, int a0, int aPanel, int depth, float[] b, int b0, int bPanel, float[] i,
            int i0, int iPanel, float[] c, int c0, int cPanel) {
        int i1 = i0 + iPanel;
        int i2 = i1 + iPanel;
        int i3 = i2 + iPanel;
        FloatVector x0 = load(i, i0);
        FloatVector y0 = load(i, i0 + COUNT);
        FloatVector x1 = load(i, i1);
        FloatVector y1 = load(i, i1 + COUNT);
        FloatVector x2 = load(i, i2);
        FloatVector y2 = load(i, i2 + COUNT);
        FloatVector x3 = load(i, i3);
        FloatVector y3 = load(i, i3 + COUNT);
        for (int s = 0; s < depth; s++) {
            int from = a0 + s * aPanel;
            int row0 = b0 + s * PANEL * PANEL;
            int row1 = row0 + bPanel;
            int row2 = row1 + bPanel;
            int row3 = row2 + bPanel;
            for (int k = 0; k < PANEL; k++) {
                FloatVector v = all(a[from + k]);
                x0 = v.fma(load(b, row0 + k * PANEL), x0);
                y0 = v.fma(load(b, row0 + k * PANEL + COUNT), y0);
                x1 = v.fma(load(b, row1 + k * PANEL), x1);
                y1 = v.fma(load(b, row1 + k * PANEL + COUNT), y1);
                x2 = v.fma(load(b, row2 + k * PANEL), x2);
                y2 = v.fma(load(b, row2 + k * PANEL + COUNT), y2);
                x3 = v.fma(load(b, row3 + k * PANEL), x3);
                y3 = v.fma(load(b, row3 + k * PANEL + COUNT), y3);
            }
        }
        int c1 = c0 + cPanel;
        int c2 = c1 + cPanel;
        int c3 = c2 + cPanel;
        x0.intoArray(c, c0);
        y0.intoArray(c, c0 + COUNT);
        x1.intoArray(c, c1);
        y1.intoArray(c, c1 + COUNT);
        x2.intoArray(c, c2);
        y2.intoArray(c, c2 + COUNT);
        x3.intoArray(c, c3);
        y3.intoArray(c, c3 + COUNT);
    }

    private static void onePanel(float[] a, int a0, int aPanel, int depth, float[] b, int b0, float[] i, int i0,
            float[] c, int c0) {
        FloatVector x = load(i, i0);
        FloatVector y = load(i, i0 + COUNT);
        for (int s = 0; s < depth; s++) {
            int from = a0 + s * aPanel;
            int row = b0 + s * PANEL * PANEL;
            for (int k = 0; k < PANEL; k++) {
                FloatVector v = all(a[from + k]);
                x = v.fma(load(b, row + k * PANEL), x);
                y = v.fma(load(b, row + k * PANEL + COUNT), y);
            }
        }
        x.intoArray(c, c0);
        y.intoArray(c, c0 + COUNT);
    }
}
