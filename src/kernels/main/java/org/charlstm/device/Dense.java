package org.charlstm.device;

/** A dense layer, y = activation(x kernel + bias), of one shape; the kernel is (inputs, outputs), bias (outputs). */
public interface Dense {
    /** The sizes: M rows, time steps x batch, and the columns of x and y. The activation is applied to each sum. */
    record Shape(int inputs, int outputs, int rows, Activation activation) {
        /** Checks the sizes. */
        public Shape {
            Sizes.require("a dense layer of %d inputs, %d outputs and %d rows", inputs, outputs, rows);
        }
    }

    /** Computes y, (M, outputs), from x, another buffer of (M, inputs). */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * Computes the gradients after {@link #forward} with the same arguments, and overwrites this layer's flat ones. A
     * linear y is not read and may be its gradient. dL/dy is left undefined; dL/dx is another buffer.
     */
    void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients);
}
