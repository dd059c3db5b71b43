package org.charlstm.device.gpu.tools;

import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Activation;

/** Back-propagates through an activation in place; sums the rows to the bias' gradient, in slices and then in order. */
public final class BiasGradient {
    /** The most threads of a block. */
    private static final int THREADS = 256;
    /** The most blocks: two for each multiprocessor of a large GPU. */
    private static final int BLOCKS = 256;
    /** Rows of a band; each thread takes four elements of a band at a time. */
    private static final int BAND = 4;
    /** Rows that a block of the summing kernel takes at a time. */
    private static final int SUM_ROWS = 8;

    private final Kernels kernels;
    private final Activation activation;
    private final int rows;
    private final int columns;
    /** Blocks across the columns. */
    private final int tiles;
    private final int threadsX;
    private final int threadsY;
    private final int slices;
    /** Rows of the partial sums. */
    private final int sums;
    private final CudaBuffer partials;

    /** For gradients of (M,N). */
    public BiasGradient(Kernels kernels, GpuMemory memory, Activation activation, int rows, int columns) {
        this.kernels = kernels;
        this.activation = activation;
        this.rows = rows;
        this.columns = columns;
        Kernels.requireCountable(Kernel.BIAS_BACKWARD, (rows + BAND - 1L) * columns);
        tiles = Math.ceilDiv(columns, THREADS);
        threadsX = Math.ceilDiv(columns, tiles);
        threadsY = THREADS / threadsX;
        slices = Math.clamp(Math.ceilDiv(rows, BAND * threadsY), 1, Math.max(1, BLOCKS / tiles));
        sums = tiles == 1 ? slices : BAND * slices;
        partials = memory.workspace((long) Float.BYTES * sums * columns);
    }

    /**
     * Turns dL/dy, (M,N), into the gradient with respect to the activation's input, in place, and sums the rows of that
     * gradient to (N) in float32. y is the activation's output, or 0 if the activation is linear. {@code bf16} is 1 if
     * dL/dy and y are bf16, else 0; slots are as for {@link #sum(Kernels, long, long, int, int, GateInterleaving)}.
     */
    public void run(long dy, long y, int bf16, long gradient, GateInterleaving slots) {
        kernels.launch(Kernel.BIAS_BACKWARD, slices * tiles, threadsX, threadsY, dy, y, partials.pointer(), rows,
                columns, slices, Kernels.number(activation), bf16);
        sum(kernels, partials.pointer(), gradient, columns, sums, slots);
    }

    /** Adds the rows of (S,N), one for each slice, always in the same order, to (N). */
    public static void sum(Kernels kernels, long partials, long gradient, int columns, int slices) {
        sum(kernels, partials, gradient, columns, slices, GateInterleaving.NONE);
    }

    /** Adds rows whose gates may be interleaved; the sum has one gate after the other. */
    public static void sum(Kernels kernels, long partials, long gradient, int columns, int slices,
            GateInterleaving slots) {
        kernels.launch(Kernel.BIAS_SUM, Math.ceilDiv(columns, Kernels.WARP), Kernels.WARP, SUM_ROWS, partials, gradient,
                columns, slices, slots.units(), slots.gates(), slots.order());
    }
}
