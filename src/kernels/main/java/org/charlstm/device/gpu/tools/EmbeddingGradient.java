package org.charlstm.device.gpu.tools;

import org.charlstm.cuda.CudaBuffer;

/**
 * The gradient of a kernel whose rows are looked up by ids. For each symbol the gradients of its rows are summed: first
 * within slices of the rows, which run in parallel, then over the slices in a fixed order.
 */
public final class EmbeddingGradient {
    /** A block's threads. Each thread takes four columns of one row at a time. */
    private static final int LANES = 8;
    private static final int BLOCK_ROWS = 4;
    /** Columns and symbols of a block. */
    private static final int BLOCK_COLUMNS = 4 * LANES;
    private static final int BLOCK_SYMBOLS = 64;
    /** The greatest number of blocks; a large GPU runs this number at once. */
    private static final int BLOCKS = 1024;
    /** The fewest rows of a slice; adding up the slices is then little work. */
    private static final int SLICE_ROWS = 128;

    private final Kernels kernels;
    private final int parts;
    private final int width;
    private final int symbols;
    private final int tiles;
    /** Slices of a part's rows. */
    private final int slices;
    private final CudaBuffer partials;

    /** Prepares for gradients of (M,W) in parts of at most {@code rows} rows, and a kernel of (V,W). */
    public EmbeddingGradient(Kernels kernels, GpuMemory memory, int parts, int rows, int width, int symbols) {
        this.kernels = kernels;
        this.parts = parts;
        this.width = width;
        this.symbols = symbols;
        tiles = Math.ceilDiv(width, BLOCK_COLUMNS) * Math.ceilDiv(symbols, BLOCK_SYMBOLS);
        slices = Math.clamp(Math.ceilDiv(rows, SLICE_ROWS), 1, Math.max(1, BLOCKS / parts / tiles));
        partials = memory.workspace(sliceBytes() * slices * parts);
    }

    private long sliceBytes() {
        return (long) Float.BYTES * symbols * width;
    }

    /** Sums the slices of a part of ids, (M), and dL/dy, (M,W), from {@code row} on; skips ids that name no symbol. */
    public void part(int part, long row, int rows, long ids, long dy, int bf16) {
        kernels.launch(Kernel.EMBEDDING_BACKWARD, slices * tiles, LANES, BLOCK_ROWS, ids + Integer.BYTES * row,
                dy + (bf16 == 0 ? Float.BYTES : Short.BYTES) * row * width,
                partials.pointer() + sliceBytes() * slices * part, rows, width, symbols, slices, bf16);
    }

    /** Adds up all slices to the gradient, (V,W) in float32; slots are as for {@link BiasGradient#sum}. */
    public void sum(long gradient, GateInterleaving slots) {
        BiasGradient.sum(kernels, partials.pointer(), gradient, symbols * width, slices * parts, slots);
    }
}
