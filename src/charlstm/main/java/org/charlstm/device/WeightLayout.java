package org.charlstm.device;

/**
 * How a device stores a layer's weights in the flat buffers of parameters, gradients and optimiser state. The host sees
 * tensors in Keras' shapes, row-major. Elements that pad the layout are zero and stay zero in training.
 */
public interface WeightLayout {
    /** The number of elements of the layer in a flat buffer, padding included. */
    int size();

    /**
     * Copies tensors into a flat buffer.
     *
     * @param tensors the layer's tensors in their order, row-major
     * @param flat    receives {@link #size()} elements
     * @param offset  the first element of the layer in the flat buffer
     */
    void pack(double[][] tensors, double[] flat, int offset);

    /**
     * Copies the layer's tensors out of a flat buffer.
     *
     * @param offset the first element of the layer in the flat buffer
     * @return new arrays, the tensors in their order, row-major
     */
    double[][] unpack(double[] flat, int offset);

    /** The plainest layout: tensors of these sizes one after the other, without padding. */
    static WeightLayout inOrder(int... sizes) {
        return new AlignedLayout(1, sizes);
    }
}
