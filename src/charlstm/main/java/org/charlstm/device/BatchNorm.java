package org.charlstm.device;

/**
 * Batch normalisation of columns (Ioffe and Szegedy, "Batch normalization", 2015), for one shape:
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta. In training, mean and variance are those of each column over
 * the M rows; otherwise they are the moving ones. The variance is the mean of (x - mean)^2.
 *
 * <p>The flat buffers hold gamma and beta, laid out by {@link Operations#batchNormLayout}. The flat weights, which are
 * longer than the other buffers, also hold C moving means followed by C moving variances.
 */
public interface BatchNorm {
    /**
     * The sizes and settings of the computation.
     *
     * @param columns  C
     * @param rows     M
     * @param momentum of the moving means and variances, from 0 to 1
     * @param epsilon  is added to a variance, above 0
     * @param training whether the rows' own means and variances serve
     */
    record Shape(int columns, int rows, double momentum, double epsilon, boolean training) {
        /** Checks sizes and settings. */
        public Shape {
            Sizes.require("a batch normalisation of %d columns and %d rows", columns, rows);
            requireSettings(momentum, epsilon);
        }

        /**
         * Refuses settings out of range.
         *
         * @param momentum from 0 to 1
         * @param epsilon  above 0, in float32 too
         */
        public static void requireSettings(double momentum, double epsilon) {
            if (!(momentum >= 0 && momentum <= 1) || !((float) epsilon > 0 && epsilon <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException("a batch normalisation with momentum " + momentum + " and epsilon "
                        + epsilon + "; momentum must be from 0 to 1, epsilon above 0");
            }
        }
    }

    /**
     * Computes y. In training, each moving value v also becomes momentum v + (1 - momentum) times its column's value.
     *
     * @param weights the flat weights, whose moving means and variances change in training
     * @param input   x, (M, C)
     * @param output  receives y, (M, C); not the input
     */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * Computes the gradients after {@link #forward} with the same arguments in training.
     *
     * @param weights        the flat weights
     * @param input          x, (M, C)
     * @param outputGradient dL/dy, (M, C)
     * @param inputGradient  receives dL/dx, (M, C); may be the output's gradient
     * @param gradients      the flat gradients; those of gamma and beta are overwritten
     * @throws IllegalStateException if the shape is not for training
     */
    void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient, Matrix gradients);
}
