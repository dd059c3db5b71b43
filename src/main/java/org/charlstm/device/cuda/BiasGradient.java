package org.charlstm.device.cuda;

import org.charlstm.device.Activation;

/**
 * The way back through an activation, in place, and the bias' gradient, which is the sum over the rows of what comes
 * out: in slices side by side, then in one order.
 */
final class BiasGradient {
    /** Rows that a block of the kernel takes at a time. */
    private static final int BLOCK_ROWS = 8;
    /** Slices of the rows at most: with four blocks of columns, enough to fill the largest GPU. */
    private static final int MAX_SLICES = 64;

    private final Kernels kernels;
    private final Activation activation;
    private final int rows;
    private final int columns;
    private final int slices;
    private final CudaBuffer partials;

    /** For gradients of (M,N). */
    BiasGradient(Kernels kernels, CudaMemory memory, Activation activation, int rows, int columns) {
        this.kernels = kernels;
        this.activation = activation;
        this.rows = rows;
        this.columns = columns;
        slices = Math.clamp(rows / BLOCK_ROWS, 1, MAX_SLICES);
        partials = memory.workspace((long) Float.BYTES * slices * columns);
    }

    /** An activation as the kernels number it. */
    static int number(Activation activation) {
        return switch (activation) {
            case LINEAR -> 0;
            case RELU -> 1;
            case TANH -> 2;
        };
    }

    /**
     * Runs both.
     *
     * @param dy       dL/dy, (M,N); receives the gradient before the activation
     * @param y        what the activation gave; 0 if that is linear
     * @param bf16     whether the two are bf16
     * @param gradient receives the sums, (N) in float32
     */
    void run(long dy, long y, int bf16, long gradient) {
        kernels.launch(Kernel.BIAS_BACKWARD, slices * Math.ceilDiv(columns, Kernels.WARP), Kernels.WARP, BLOCK_ROWS,
                dy, y, partials.pointer(), rows, columns, slices, number(activation), bf16);
        kernels.each(Kernel.BIAS_SUM, columns, partials.pointer(), gradient, columns, slices);
    }
}
