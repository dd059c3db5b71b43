package org.charlstm.device;

/**
 * A dense layer, y = activation(x kernel + bias), for one shape. The kernel is (inputs, outputs), the bias (outputs).
 */
public interface Dense {
    /**
     * Computes the layer.
     *
     * @param input   x, (M, inputs)
     * @param output  receives y, (M, outputs); not the input
     */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * The gradients after {@link #forward} with the same arguments.
     *
     * @param output         y, as forward wrote it; where the activation is linear it is not read and may be the
     *                       gradient itself
     * @param outputGradient dL/dy, (M, outputs); left undefined
     * @param inputGradient  receives dL/dx, (M, inputs); not the output's gradient
     * @param gradients      the flat gradients; this layer's part is overwritten
     */
    void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients);
}
