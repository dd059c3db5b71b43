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
    /** C and M, the moving values' momentum, what is added to a variance, and whether the rows' own values serve. */
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
     * Computes y from x, another buffer of (M, C). In training, each moving value v of the weights also becomes
     * momentum v + (1 - momentum) times its column's value.
     */
    void forward(Matrix weights, Matrix input, Matrix output);

    /**
     * Computes gradients after {@link #forward} with the same arguments in training; else
     * {@link IllegalStateException}. dL/dx may take the place of dL/dy, both (M, C). Those of gamma and beta are
     * overwritten.
     */
    void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient, Matrix gradients);
}
