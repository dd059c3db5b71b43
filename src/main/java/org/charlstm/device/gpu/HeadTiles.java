package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernel;
import org.charlstm.device.Head;

/**
 * The shared memory of a head's kernel: the weights of both layers and a tile of rows.
 *
 * @param fixedBytes for the weights and everything else that does not depend on the rows
 * @param rowBytes   for each row of a tile
 * @param granule    divides the rows of a tile
 */
record HeadTiles(Kernel kernel, int fixedBytes, int rowBytes, int granule) {
    /** The most columns of any of a head's matrices. */
    static final int MOST_COLUMNS = 128;
    /** The rows of a tile. Fewer than the least are not worth a block, which loads all weights. */
    private static final int MOST_ROWS = 64;
    private static final int FEWEST_ROWS = 16;
    private static final int FOUR = 4;
    private static final int SIXTEEN = 16;
    /** Elements between rows in bf16. */
    private static final int GAP = 8;
    private static final int HALF_BYTES = CudaType.BFLOAT16.bytes();
    /** Warps of a block. */
    static final int WARPS = 8;
    /** Loss, hits and rows, with padding and without, of four rows of lanes in each warp. */
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

    /** Whether so much shared memory has room for a tile. */
    boolean fit(int bytes) {
        return mostRows(bytes) >= FEWEST_ROWS;
    }

    private int mostRows(int bytes) {
        return Math.clamp((bytes - fixedBytes) / rowBytes, 0, MOST_ROWS) / granule * granule;
    }

    /**
     * One launch: each block takes a share of the rows, tile by tile.
     *
     * @param share  rows of a block; the last may have fewer
     * @param tile   rows of a tile; the last may have fewer
     * @param bytes  shared memory of a block
     */
    record Launch(int share, int tile, int blocks, int bytes) {
    }

    /** Shares of about the same size, in tiles of about the same size. */
    Launch launch(int rows, int multiprocessors, int bytes) {
        int share = Math.ceilDiv(rows, Math.min(multiprocessors, Math.ceilDiv(rows, FEWEST_ROWS)));
        int tile = Math.ceilDiv(share, Math.ceilDiv(share, mostRows(bytes)));
        tile = Math.ceilDiv(tile, granule) * granule;
        return new Launch(share, tile, Math.ceilDiv(rows, share), fixedBytes + tile * rowBytes);
    }
}
