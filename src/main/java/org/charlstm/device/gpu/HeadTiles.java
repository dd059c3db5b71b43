package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernel;
import org.charlstm.device.Head;

/**
 * What a kernel of a head needs of shared memory, where both layers' weights stay beside a tile of rows.
 *
 * @param fixedBytes for weights, and for what there is one of
 * @param rowBytes   for each row of a tile
 * @param granule    what a tile's rows are a multiple of
 */
record HeadTiles(Kernel kernel, int fixedBytes, int rowBytes, int granule) {
    /** Columns of any of a head's matrices. */
    static final int MOST_COLUMNS = 128;
    /** Rows that the kernels are made for at a time; a few of them are not worth weights of their own. */
    private static final int MOST_ROWS = 64;
    private static final int FEWEST_ROWS = 16;
    private static final int FOUR = 4;
    private static final int SIXTEEN = 16;
    /** Of bf16 from row to row. */
    private static final int GAP = 8;
    private static final int HALF_BYTES = CudaType.BFLOAT16.bytes();
    /** Of a block. */
    static final int WARPS = 8;
    /** Loss, hits and rows of four rows of lanes in each warp, with padding and without. */
    private static final int SUMS_BYTES = 2 * 16 * 4 * WARPS;

    /** For factors of a type. */
    static HeadTiles of(CudaType factors, Head.Shape shape) {
        return factors == CudaType.BFLOAT16 ? bfloat16(shape) : float32(shape);
    }

    /** As {@code kernels/head.cu} says. */
    static HeadTiles float32(Head.Shape shape) {
        int inputs = stride(shape.inputs());
        int units = stride(shape.units());
        int symbols = stride(shape.symbols());
        return new HeadTiles(Kernel.HEAD,
                SUMS_BYTES + Float.BYTES * (fours(shape.inputs()) * units + fours(shape.units()) * symbols + units
                        + symbols),
                Float.BYTES * (inputs + units + symbols), 1);
    }

    /** As {@code kernels/head_tensor.cu} says. */
    static HeadTiles bfloat16(Head.Shape shape) {
        int inputs = sixteens(shape.inputs());
        int units = sixteens(shape.units());
        int symbols = sixteens(shape.symbols());
        int inputStride = inputs + GAP;
        int unitStride = units + GAP;
        int symbolStride = symbols + GAP;
        return new HeadTiles(Kernel.HEAD_TENSOR,
                SUMS_BYTES + HALF_BYTES * (inputs * unitStride + units * symbolStride)
                        + Float.BYTES * (units + symbols),
                HALF_BYTES * (2 * inputStride + unitStride + symbolStride) + Float.BYTES * symbolStride, SIXTEEN);
    }

    private static int sixteens(int columns) {
        return SIXTEEN * Math.ceilDiv(columns, SIXTEEN);
    }

    private static int fours(int columns) {
        return FOUR * Math.ceilDiv(columns, FOUR);
    }

    private static int stride(int columns) {
        return FOUR * (Math.ceilDiv(columns, FOUR) | 1);
    }

    /** Whether a block that may have so much has room for a tile. */
    boolean fit(int bytes) {
        return mostRows(bytes) >= FEWEST_ROWS;
    }

    private int mostRows(int bytes) {
        return Math.clamp((bytes - fixedBytes) / rowBytes, 0, MOST_ROWS) / granule * granule;
    }

    /**
     * Rows side by side, a block a share.
     *
     * @param share  rows of each block but for the last, which may have fewer
     * @param tile   rows of each tile of these but for the last
     * @param bytes  of shared memory for each
     */
    record Launch(int share, int tile, int blocks, int bytes) {
    }

    /** Blocks that take about as many rows each in tiles of about as many each. */
    Launch launch(int rows, int multiprocessors, int bytes) {
        int share = Math.ceilDiv(rows, Math.min(multiprocessors, Math.ceilDiv(rows, FEWEST_ROWS)));
        int tile = Math.ceilDiv(share, Math.ceilDiv(share, mostRows(bytes)));
        tile = Math.ceilDiv(tile, granule) * granule;
        return new Launch(share, tile, Math.ceilDiv(rows, share), fixedBytes + tile * rowBytes);
    }
}
