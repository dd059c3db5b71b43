package org.charlstm.device;

/**
 * Batch normalisation of columns (Ioffe and Szegedy, "Batch normalization", 2015), for one shape: y = gamma (x - mean)
 * / sqrt(variance + epsilon) + beta. In training mean and variance, which is the mean of (x - mean)^2, are those of
 * each column over the M rows; otherwise they are the moving ones.
 *
 * <p>The flat buffers have gamma and beta, laid out as {@link Operations#batchNormLayout} says; that of the weights,
 * which is longer than the others, also has the C moving means and after them the C moving variances.
 */
public interface BatchNorm {
    /**
     * Computes the layer. In training, each moving value v also becomes momentum v + (1 - momentum) that of these rows.
     *
     * @param input   x, (M, C)
     * @param output  receives y, (M, C); not the input
     */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * The gradients after {@link #forward} with the same arguments in training.
     *
     * @param outputGradient dL/dy, (M, C)
     * @param inputGradient  receives dL/dx, (M, C); may be the output's gradient
     * @param gradients      the flat gradients; those of gamma and beta are overwritten
     * @throws IllegalStateException if the shape is not for training
     */
    void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient, Matrix gradients);
}
