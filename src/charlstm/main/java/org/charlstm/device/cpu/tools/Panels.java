package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.load;

import module java.base;

/**
 * Copies blocks of a matrix to where {@link Gemm} reads them: PANEL columns of all rows, then the next. A copy stays in
 * the cache and costs little beside the product, which reads each of its elements once for every column of C.
 * Columns of a matrix are padded with zeros to whole panels.
 */
public final class Panels {
    /** A buffer of each thread for {@code rows} rows, or columns of a transposed matrix, of {@code stride} floats. */
    public static ThreadLocal<float[]> place(int rows, int stride) {
        Supplier<float[]> make = () -> CpuMatrix.floats((long) Math.ceilDiv(rows, PANEL) * PANEL * stride);
        return ThreadLocal.withInitial(make);
    }

    /** Copies rows of {@code stride} floats from {@code at} on into panels of {@code to} from {@code toAt} on. */
    public static void pack(float[] from, int at, int stride, int rows, float[] to, int toAt) {
        for (int panel = 0; panel < stride / PANEL; panel++) {
            int row = at + panel * PANEL;
            int place = toAt + panel * rows * PANEL;
            for (int r = 0; r < rows; r++) {
                load(from, row + r * stride).intoArray(to, place + r * PANEL);
                load(from, row + r * stride + COUNT).intoArray(to, place + r * PANEL + COUNT);
            }
        }
    }

    /**
     * Copies {@code width} floats of each row, whole panels, into panels from {@link Lanes#ORIGIN} on that lie
     * {@code panel} floats apart, and zeros rows up to the end of a panel.
     */
    public static void pack(float[] from, int at, int stride, int rows, int width, float[] to, int panel) {
        for (int p = 0; p < width / PANEL; p++) {
            int row = at + p * PANEL;
            int place = ORIGIN + p * panel;
            for (int r = 0; r < rows; r++) {
                load(from, row + r * stride).intoArray(to, place + r * PANEL);
                load(from, row + r * stride + COUNT).intoArray(to, place + r * PANEL + COUNT);
            }
            if (panel > rows * PANEL) {
                Arrays.fill(to, place + rows * PANEL, place + panel, 0f);
            }
        }
    }

    /** The same transposed: row r becomes column r, and columns up to the end of a panel become zero. */
    public static void packTransposed(float[] from, int at, int stride, int rows, int width, float[] to, int panel) {
        for (int r = 0; r < Lanes.padded(rows); r++) {
            int place = ORIGIN + r / PANEL * panel + r % PANEL;
            int row = at + r * stride;
            for (int k = 0; k < width; k++) {
                to[place + k * PANEL] = r < rows ? from[row + k] : 0f;
            }
        }
    }

    /** Copies panels of {@code from} from {@code at} on into rows of {@code stride} floats from {@code toAt} on. */
    public static void unpack(float[] from, int at, int rows, float[] to, int toAt, int stride) {
        for (int panel = 0; panel < stride / PANEL; panel++) {
            for (int r = 0; r < rows; r++) {
                System.arraycopy(from, at + (panel * rows + r) * PANEL, to, toAt + r * stride + panel * PANEL, PANEL);
            }
        }
    }

    /** Copies rows, transposed, into panels from {@link Lanes#ORIGIN} on: row r becomes column {@code first} + r. */
    public static void packTransposed(float[] from, int at, int stride, int rows, float[] to, int first) {
        for (int r = 0; r < rows; r++) {
            int row = at + r * stride;
            int place = transposedColumn(first + r, stride);
            for (int k = 0; k < stride; k++) {
                to[place + k * PANEL] = from[row + k];
            }
        }
    }

    /** The same of rows that lie in panels, those of a panel one behind the other. */
    public static void packTransposedPanels(float[] from, int at, int stride, int rows, float[] to, int first) {
        for (int r = 0; r < rows; r++) {
            int place = transposedColumn(first + r, stride);
            for (int k = 0; k < stride; k++) {
                to[place + k * PANEL] = from[at + (k / PANEL * rows + r) * PANEL + k % PANEL];
            }
        }
    }

    /** Zeros the columns of a transposed block that are left in its last panel. */
    public static void endTransposed(float[] to, int stride, int columns) {
        for (int c = columns; c % PANEL != 0; c++) {
            int place = transposedColumn(c, stride);
            for (int k = 0; k < stride; k++) {
                to[place + k * PANEL] = 0f;
            }
        }
    }

    private static int transposedColumn(int column, int stride) {
        return ORIGIN + column / PANEL * stride * PANEL + column % PANEL;
    }
}
