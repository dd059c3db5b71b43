package org.charlstm.device.cpu.tools;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.load;

import module java.base;

/**
 * Copies blocks of a matrix into panels for {@link Gemm}: PANEL columns of all rows, then the next panel. A copy stays
 * in the cache and costs little compared to the product, which reads each element once for every column of C. Columns
 * of a matrix are padded with zeros to whole panels.
 */
public final class Panels {
    /** A buffer per thread for {@code rows} rows, or columns of a transposed matrix, of {@code stride} floats. */
    public static ThreadLocal<float[]> place(int rows, int stride) {
        Supplier<float[]> make = () -> CpuMatrix.floats((long) Math.ceilDiv(rows, PANEL) * PANEL * stride);
        return ThreadLocal.withInitial(make);
    }

    /** Copies rows of {@code stride} floats from {@code at} on into panels of {@code to} from {@code toAt} on. */
    public static void pack(float[] from, int at, int stride, int rows, float[] to, int toAt) {
        pack(from, at, stride, rows, stride, to, toAt, rows * PANEL);
    }

    /** Copies {@code width} floats of each row, whole panels, into panels that lie {@code panel} floats apart. */
    public static void pack(float[] from, int at, int stride, int rows, int width, float[] to, int toAt, int panel) {
        for (int r = 0; r < rows; r++) {
            int row = at + r * stride;
            int place = toAt + r * PANEL;
            for (int p = 0; p < width / PANEL; p++) {
                load(from, row + p * PANEL).intoArray(to, place + p * panel);
                load(from, row + p * PANEL + COUNT).intoArray(to, place + p * panel + COUNT);
            }
        }
    }

    /**
     * Copies rows into panels from {@link Lanes#ORIGIN} on, transposed: row r becomes column r, and columns up to the
     * end of a panel become zero.
     */
    public static void packTransposed(float[] from, int at, int stride, int rows, int width, float[] to, int panel) {
        for (int r = 0; r < Lanes.padded(rows); r++) {
            int place = ORIGIN + r / PANEL * panel + r % PANEL;
            int row = at + r * stride;
            for (int k = 0; k < width; k++) {
                to[place + k * PANEL] = r < rows ? from[row + k] : 0f;
            }
        }
    }

    /** Copies panels that lie {@code panel} floats apart into rows of {@code stride} floats. */
    public static void unpack(float[] from, int at, int panel, int rows, float[] to, int toAt, int stride) {
        for (int r = 0; r < rows; r++) {
            int row = toAt + r * stride;
            int place = at + r * PANEL;
            for (int p = 0; p < stride / PANEL; p++) {
                load(from, place + p * panel).intoArray(to, row + p * PANEL);
                load(from, place + p * panel + COUNT).intoArray(to, row + p * PANEL + COUNT);
            }
        }
    }
}
