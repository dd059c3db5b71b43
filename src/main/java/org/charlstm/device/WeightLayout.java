package org.charlstm.device;

import java.util.Arrays;

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
     * @param tensors the layer's tensors in their order
     * @param flat    receives {@link #size()} elements
     */
    void pack(double[][] tensors, double[] flat, int offset);

    /** Copies the layer's tensors, in their order, out of a flat buffer into new arrays. */
    double[][] unpack(double[] flat, int offset);

    /** The plainest layout: tensors of these sizes one after the other, without padding. */
    static WeightLayout inOrder(int... sizes) {
        int size = Arrays.stream(sizes).reduce(0, Math::addExact);
        return new WeightLayout() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public void pack(double[][] tensors, double[] flat, int offset) {
                if (!Arrays.equals(Arrays.stream(tensors).mapToInt(tensor -> tensor.length).toArray(), sizes)) {
                    throw new IllegalArgumentException("tensors of other sizes than " + Arrays.toString(sizes));
                }
                int at = offset;
                for (double[] tensor : tensors) {
                    System.arraycopy(tensor, 0, flat, at, tensor.length);
                    at += tensor.length;
                }
            }

            @Override
            public double[][] unpack(double[] flat, int offset) {
                double[][] tensors = new double[sizes.length][];
                int at = offset;
                for (int i = 0; i < sizes.length; i++) {
                    tensors[i] = Arrays.copyOfRange(flat, at, at + sizes[i]);
                    at += sizes[i];
                }
                return tensors;
            }
        };
    }
}
