package org.charlstm.device.cuda.lstm;

import org.charlstm.device.cuda.memory.CudaMatrix;

/** How a {@link KernelLstmLayer} goes through its time steps, where one waits for the other. */
interface Recurrence {
    /**
     * Goes forward, from the layer's state before the first step to its gates, where they are kept, and its cells.
     *
     * @param weights the flat parameters
     * @param ids     whose rows of the kernel are the input, or 0 where that is the products in the gates' place
     * @param y       receives h
     */
    void forward(KernelLstmLayer layer, CudaMatrix weights, long ids, long y);

    /**
     * Goes back, by the gates and cells that forward left.
     *
     * @param weights      the flat parameters
     * @param dy           dL/dh, by way of the layer above
     * @param sumGradients receives dL/dz, (T B,4H) of the factors' type
     */
    void backward(KernelLstmLayer layer, CudaMatrix weights, long dy, long sumGradients);
}
