package org.charlstm.device;

/**
 * A dense layer, y = activation(x kernel + bias), for one shape. The kernel is (inputs, outputs), the bias (outputs).
 */
public interface Dense {
    /**
     * The sizes of the computation.
     *
     * @param inputs     columns of x
     * @param outputs    columns of y
     * @param rows       M, rows of both: time steps x batch
     * @param activation is applied to each sum
     */
    record Shape(int inputs, int outputs, int rows, Activation activation) {
        /** Checks the sizes. */
        public Shape {
            Sizes.require("a dense layer of %d inputs, %d outputs and %d rows", inputs, outputs, rows);
        }
    }

    /**
     * Computes y.
     *
     * @param weights the flat weights, this layer's at its offset
     * @param input   x, (M, inputs)
     * @param output  receives y, (M, outputs); not the input
     * @throws IllegalArgumentException if a matrix is of another shape
     */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * Computes the gradients after {@link #forward} with the same arguments.
     *
     * @param weights        the flat weights
     * @param input          x, (M, inputs)
     * @param output         y, as forward wrote it; with a linear activation it is not read and may be the gradient
     *                       itself
     * @param outputGradient dL/dy, (M, outputs); left undefined
     * @param inputGradient  receives dL/dx, (M, inputs); not the output's gradient
     * @param gradients      the flat gradients; this layer's part is overwritten
     * @throws IllegalArgumentException if a matrix is of another shape
     */
    void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients);
}
