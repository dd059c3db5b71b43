package org.charlstm.device.gpu;

/** How a {@link KernelLstmLayer} goes through its time steps, where one waits for the other. */
interface Recurrence {
    /** Bytes that a layer keeps of one step: gates, and before that {@link KernelLstmLayer#inputProducts}. */
    long gateBytes(boolean ids);

    /**
     * Whether a unit's four gates are side by side in the rows of the input's kernel and of its products, and in dL/dz,
     * rather than each gate's units.
     */
    default boolean interleaves() {
        return false;
    }

    /**
     * What a layer's input gives to the gates' sums of all steps, once its weights are converted.
     *
     * @param x       ids or numbers
     * @return where the rows are that the ids name, or those of the numbers' products
     */
    default long input(KernelLstmLayer layer, GpuMatrix weights, long x) {
        return layer.ids ? layer.kernel(weights) : layer.inputProducts(weights, x);
    }

    /**
     * Goes forward from one step to another, which is left out, from the layer's state before the first of all to its
     * gates, where they are kept, and its cells.
     *
     * @param input   what {@link #input} gave
     * @param ids     which of its rows are the input, or 0 where each step has its own
     * @param y       h of all steps
     */
    void forward(KernelLstmLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to);

    /**
     * Goes back from the step before {@code to}, after those from {@code to} on, by the gates and cells that forward
     * left.
     *
     * @param dy           dL/dh of all steps, by way of the layer above
     * @param sumGradients receives dL/dz, (T B,4H) or interleaved (T B,H,4), of the factors' type
     */
    void backward(KernelLstmLayer layer, GpuMatrix weights, long dy, long sumGradients, int from, int to);

    /** What the first of the steps that {@link #backward} went through gives back to the cells before it, (B,H). */
    long cellGradient();
}
