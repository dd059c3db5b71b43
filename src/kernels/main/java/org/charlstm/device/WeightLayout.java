package org.charlstm.device;

/**
 * The layout of a layer's weights in a device's flat buffers of parameters, gradients and optimiser state. The host
 * sees tensors in Keras' shapes, row-major. Elements that pad the layout are zero and stay zero in training.
 */
public interface WeightLayout {
    /** The number of elements of the layer in a flat buffer, padding included. */
    int size();

    /** Copies the layer's tensors, in order and row-major, into {@link #size} elements from an offset on. */
    void pack(double[][] tensors, double[] flat, int offset);

    /** Copies the layer's tensors, in order and row-major, from an offset of a flat buffer into new arrays. */
    double[][] unpack(double[] flat, int offset);
}
