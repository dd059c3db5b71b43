package org.charlstm.device;

/** A dense layer, y = activation(x kernel + bias), of one shape; the kernel is (inputs, outputs), bias (outputs). */
public interface Dense {
    /** The columns of x and y, M rows (time steps x batch), and the activation that is applied to each sum. */
    record Shape(int inputs, int outputs, int rows, Activation activation) {
        /** Checks the sizes. */
        public Shape {
            Sizes.require("a dense layer of %d inputs, %d outputs and %d rows", inputs, outputs, rows);
        }
    }

    /** Computes y, (M, outputs), from x, (M, inputs); x and y are different buffers. */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * Computes the gradients after {@link #forward} with the same arguments, and overwrites this layer's part of the
     * flat gradients. If the activation is linear, y is not read, and y and dL/dy may be the same buffer. dL/dy is
     * undefined afterwards; dL/dx is a different buffer.
     */
    void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients);
}
