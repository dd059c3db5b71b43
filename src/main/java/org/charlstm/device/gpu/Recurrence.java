package org.charlstm.device.gpu;

/** Runs the time steps of a {@link KernelLstmLayer}, each of which waits for the one before. */
interface Recurrence {
    /** Bytes that a layer keeps of one step: first {@link KernelLstmLayer#inputProducts}, then the gates. */
    long gateBytes(boolean ids);

    /**
     * Whether a unit's four gates lie side by side in the rows of the kernel, of its products and of dL/dz; otherwise
     * the units of each gate do.
     */
    default boolean interleaves() {
        return false;
    }

    /**
     * The input's share of the gates' sums of all steps, once the weights are converted.
     *
     * @param x       ids or numbers
     * @return a pointer to the rows that ids name, or to the products of numbers
     */
    default long input(KernelLstmLayer layer, GpuMatrix weights, long x) {
        return layer.ids ? layer.kernel(weights) : layer.inputProducts(weights, x);
    }

    /**
     * Runs the steps from one to before another: reads the state before them, and writes cells, h and, where they are
     * kept, gates.
     *
     * @param input   the result of {@link #input}
     * @param ids     the rows of the input that the steps take, or 0 if each step has its own
     * @param y       h of all steps
     */
    void forward(KernelLstmLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to);

    /**
     * Goes back through the steps from the one before {@code to} down to {@code from}, after those from {@code to} on;
     * reads the gates and cells that the forward pass left.
     *
     * @param dy           dL/dh of all steps from the layer above
     * @param sumGradients receives dL/dz, (T B,4H) or interleaved (T B,H,4), of the factors' type
     */
    void backward(KernelLstmLayer layer, GpuMatrix weights, long dy, long sumGradients, int from, int to);

    /** dL/dc before the first of the steps that {@link #backward} went through, (B,H). */
    long cellGradient();
}
