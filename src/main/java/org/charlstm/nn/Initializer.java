package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/** Initial weights as Keras 2 has them, each tensor a function of the seed and its place in the model. */
public final class Initializer {
    private Initializer() {
    }

    /**
     * Kernels uniform within +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010), the recurrent kernel with
     * orthonormal rows (Saxe et al. 2013), biases zero but one for the forget gate (Jozefowicz et al. 2015).
     *
     * @param config the model
     * @param seed   the seed
     * @return its weights, rounded to float32 so that every device and file starts from the same
     */
    public static Weights keras(ModelConfig config, long seed) {
        List<Tensor> tensors = new ArrayList<>();
        for (ModelConfig.Spec spec : config.tensors()) {
            RandomStream random = new RandomStream(seed, Purpose.WEIGHTS, tensors.size());
            double[] values;
            if (spec.name().endsWith(".recurrent_kernel")) {
                values = orthonormalRows(random, config.hidden(), 4 * config.hidden());
            } else if (spec.shape().size() == 2) {
                values = glorotUniform(random, spec);
            } else {
                values = spec.name().startsWith("lstm_") ? forgetBias(config.hidden()) : new double[(int) spec.size()];
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) values[i];
            }
            tensors.add(new Tensor(spec.name(), spec.shape(), values));
        }
        return new Weights(config, tensors);
    }

    private static double[] glorotUniform(RandomStream random, ModelConfig.Spec spec) {
        double bound = Math.sqrt(6.0 / (spec.shape().get(0) + spec.shape().get(1)));
        double[] values = new double[Math.toIntExact(spec.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = bound * (2 * random.uniform() - 1);
        }
        return values;
    }

    private static double[] forgetBias(int hidden) {
        double[] values = new double[4 * hidden];
        for (int i = hidden; i < 2 * hidden; i++) {
            values[i] = 1;
        }
        return values;
    }

    /**
     * Rows of a normal matrix made orthonormal by the modified Gram-Schmidt process, which leaves them as uniformly
     * distributed as the QR decomposition with a positive diagonal that Keras uses.
     */
    private static double[] orthonormalRows(RandomStream random, int rows, int columns) {
        double[][] q = new double[rows][columns];
        for (double[] row : q) {
            for (int j = 0; j < columns; j++) {
                row[j] = random.gaussian();
            }
        }
        for (int i = 0; i < rows; i++) {
            double[] row = q[i];
            double norm = Math.sqrt(dot(row, row));
            for (int j = 0; j < columns; j++) {
                row[j] /= norm;
            }
            IntStream.range(i + 1, rows).parallel().forEach(later -> {
                double along = dot(row, q[later]);
                for (int j = 0; j < columns; j++) {
                    q[later][j] -= along * row[j];
                }
            });
        }
        double[] values = new double[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(q[i], 0, values, i * columns, columns);
        }
        return values;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int j = 0; j < x.length; j++) {
            sum += x[j] * y[j];
        }
        return sum;
    }
}
