package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import java.util.Arrays;
import org.charlstm.device.Matrix;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Gemm;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.Shapes;

/**
 * The product of any two matrices, in tiles of C. For each tile, a thread copies the tile's parts of both factors into
 * panels, a slice of the depth at a time; the copy also transposes a transposed factor. Each element of C is summed in
 * the order of the depth, whichever tile holds the element.
 */
final class CpuProduct {
    /** Rows of a tile, which share a copy of B's part. */
    private static final int ROWS = 256;
    /** Columns of a tile; whole panels at any vector width. */
    private static final int COLUMNS = 256;
    /** The depth of a slice, small enough that both copies stay in the cache; also whole panels. */
    private static final int DEPTH = 256;

    private final Workers workers;
    /** Each thread's copies of the factors' parts. */
    private final ThreadLocal<float[]> packedA = Panels.place(ROWS, DEPTH);
    private final ThreadLocal<float[]> packedB = Panels.place(COLUMNS, DEPTH);
    private final Workers.Shard tile = this::tile;
    private CpuMatrix a = CpuMatrix.EMPTY;
    private CpuMatrix b = CpuMatrix.EMPTY;
    private CpuMatrix c = CpuMatrix.EMPTY;
    /** The offsets of a tile's rows in C. */
    private int[] places = {};
    private boolean transposedA;
    private boolean transposedB;
    /** K, the number of columns of op(a) and of rows of op(b). */
    private int depth;

    CpuProduct(Workers workers) {
        this.workers = workers;
    }

    /** c = op(a) op(b), as {@link org.charlstm.device.Operations#matmul} says. */
    void run(Matrix aAt, boolean transposedAAt, Matrix bAt, boolean transposedBAt, Matrix cAt) {
        Shapes.product(aAt, transposedAAt, bAt, transposedBAt, cAt);
        a = CpuMatrix.of(aAt);
        b = CpuMatrix.of(bAt);
        if (c.stride() != CpuMatrix.of(cAt).stride()) {
            places = Gemm.places(ROWS, CpuMatrix.of(cAt).stride());
        }
        c = CpuMatrix.of(cAt);
        transposedA = transposedAAt;
        transposedB = transposedBAt;
        depth = transposedA ? a.rows() : a.columns();
        workers.run(Math.multiplyExact(Math.ceilDiv(c.rows(), ROWS), across()), tile);
    }

    /** The number of tiles in a row of tiles. */
    private int across() {
        return Math.ceilDiv(c.stride(), COLUMNS);
    }

    private void tile(int index) {
        int row = index / across() * ROWS;
        int column = index % across() * COLUMNS;
        int rows = Math.min(ROWS, c.rows() - row);
        int width = Math.min(COLUMNS, c.stride() - column);
        float[] fromA = packedA.get();
        float[] fromB = packedB.get();
        for (int m = row; m < row + rows; m++) {
            Arrays.fill(c.values(), c.at(m) + column, c.at(m) + column + width, 0f);
        }
        for (int k = 0; k < depth; k += DEPTH) {
            int some = Math.min(DEPTH, depth - k);
            if (transposedA) {
                Panels.packTransposed(a.values(), a.at(k) + row, a.stride(), some, rows, fromA, rows * PANEL);
            } else {
                Panels.pack(a.values(), a.at(row) + k, a.stride(), rows, padded(some), fromA, ORIGIN,
                        rows * PANEL);
            }
            int panelB = padded(some) * PANEL;
            if (transposedB) {
                Panels.packTransposed(b.values(), b.at(column) + k, b.stride(), Math.min(width, c.columns() - column),
                        padded(some), fromB, panelB);
            } else {
                Panels.pack(b.values(), b.at(k) + column, b.stride(), some, width, fromB, ORIGIN, panelB);
                for (int end = ORIGIN + panelB; end <= ORIGIN + width / PANEL * panelB; end += panelB) {
                    Arrays.fill(fromB, end - panelB + some * PANEL, end, 0f);
                }
            }
            Gemm.multiply(fromA, ORIGIN, rows * PANEL, padded(some) / PANEL, fromB, ORIGIN, panelB,
                    c.values(), c.at(row) + column, PANEL, places, 0, c.values(), c.at(row) + column, PANEL, c.stride(),
                    rows, width / PANEL);
        }
        clearPadding(row, rows, column, width);
    }

    /** Infinity times the zeros in B's padding is NaN, which operations on whole padded rows must not read. */
    private void clearPadding(int row, int rows, int column, int width) {
        int from = Math.max(c.columns(), column);
        for (int m = row; m < row + rows && from < column + width; m++) {
            Arrays.fill(c.values(), c.at(m) + from, c.at(m) + column + width, 0f);
        }
    }
}
