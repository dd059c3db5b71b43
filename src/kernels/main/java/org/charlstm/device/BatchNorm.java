package org.charlstm.device;

/**
 * Batch normalisation of columns (Ioffe and Szegedy, "Batch normalization", 2015), for one shape:
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta. In training, mean and variance are computed for each column
 * over the M rows; otherwise the moving mean and variance are used. The variance is the mean of (x - mean)^2.
 *
 * <p>The flat buffers hold gamma and beta, laid out by {@link Operations#batchNormLayout}. The flat weights are longer
 * than the other buffers: they also hold C moving means followed by C moving variances.
 */
public interface BatchNorm {
    /** C, M, the momentum of the moving values, the epsilon added to a variance, and whether to train. */
    record Shape(int columns, int rows, double momentum, double epsilon, boolean training) {
        /** Checks sizes and settings. */
        public Shape {
            Sizes.require("a batch normalisation of %d columns and %d rows", columns, rows);
            requireSettings(momentum, epsilon);
        }

        /** Refuses a momentum that is not from 0 to 1, and an epsilon that is not above 0 in float32 too. */
        public static void requireSettings(double momentum, double epsilon) {
            if (!(momentum >= 0 && momentum <= 1) || !((float) epsilon > 0 && epsilon <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("a batch normalisation with momentum " + momentum + " and epsilon "
                        + epsilon + "; momentum must be from 0 to 1, epsilon above 0");
            }
        }
    }

    /**
     * Computes y from x, both (M, C), in different buffers. In training, it also updates each moving mean and variance
     * v: v = momentum v + (1 - momentum) (the column's mean or variance).
     */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * Computes the gradients after {@link #forward} with the same arguments; throws an {@link IllegalStateException} if
     * the shape is not for training. dL/dx and dL/dy, both (M, C), may be the same buffer. The gradients of gamma and
     * beta are overwritten.
     */
    void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient, Matrix gradients);
}
