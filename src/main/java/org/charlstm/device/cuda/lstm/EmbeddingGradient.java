package org.charlstm.device.cuda.lstm;

import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.linear.BiasGradient;
import org.charlstm.device.cuda.memory.CudaBuffer;
import org.charlstm.device.cuda.memory.CudaMemory;

/**
 * The gradient of a kernel whose rows are looked up by ids: for each symbol the sum of what came back to its row, in
 * slices of the rows side by side, then in one order.
 */
public final class EmbeddingGradient {
    /** Threads of a block: four columns each, of so many rows at a time. */
    private static final int LANES = 8;
    private static final int BLOCK_ROWS = 4;
    /** Columns and symbols of a block. */
    private static final int BLOCK_COLUMNS = 4 * LANES;
    private static final int BLOCK_SYMBOLS = 64;
    /** Blocks: as many as fit on a large GPU at once. */
    private static final int BLOCKS = 1024;
    /** Rows of a slice at least, so that adding the slices up is little beside it. */
    private static final int SLICE_ROWS = 128;

    private final Kernels kernels;
    private final int rows;
    private final int width;
    private final int symbols;
    private final int tiles;
    private final int slices;
    private final CudaBuffer partials;

    /** For gradients of (M,W) and a kernel of (V,W); W is a multiple of 4. */
    public EmbeddingGradient(Kernels kernels, CudaMemory memory, int rows, int width, int symbols) {
        this.kernels = kernels;
        this.rows = rows;
        this.width = width;
        this.symbols = symbols;
        tiles = Math.ceilDiv(width, BLOCK_COLUMNS) * Math.ceilDiv(symbols, BLOCK_SYMBOLS);
        slices = Math.clamp(Math.ceilDiv(rows, SLICE_ROWS), 1, Math.max(1, BLOCKS / tiles));
        partials = memory.workspace((long) Float.BYTES * slices * symbols * width);
    }

    /**
     * Runs both.
     *
     * @param ids      (M); those that name no symbol count nowhere
     * @param dy       (M,W)
     * @param bf16     whether that is bf16
     * @param gradient receives the sums, (V,W) in float32
     */
    public void run(long ids, long dy, int bf16, long gradient) {
        kernels.launch(Kernel.EMBEDDING_BACKWARD, slices * tiles, LANES, BLOCK_ROWS, ids, dy, partials.pointer(), rows,
                width, symbols, slices, bf16);
        BiasGradient.sum(kernels, partials.pointer(), gradient, symbols * width, slices);
    }
}
