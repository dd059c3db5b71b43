package org.charlstm.device;

/**
 * How a device keeps a layer's weights inside the flat buffers of parameters, gradients and optimiser state. The host
 * sees tensors in Keras' shapes, row-major. Elements that pad the device's layout are zero and stay zero in training.
 */
public interface WeightLayout {
    /**
     * The room that the layer takes in a flat buffer.
     *
     * @return elements, padding included
     */
    int size();

    /**
     * Lays tensors out as the device keeps them.
     *
     * @param tensors the layer's tensors in their order
     * @param flat    receives {@link #size()} elements
     */
    void pack(double[][] tensors, double[] flat, int offset);

    /**
     * The reverse of {@link #pack}.
     *
     * @return the layer's tensors in their order, new arrays
     */
    double[][] unpack(double[] flat, int offset);
}
