package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;

/** What a tensor is filled with before training, as Keras 2 has it. */
public enum Initializer {
    /** Zeros. */
    ZEROS {
        @Override
        double[] values(RandomStream random, List<Integer> shape) {
            return new double[Math.toIntExact(Tensor.size(shape))];
        }
    },
    /** Uniform within +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010). */
    GLOROT_UNIFORM {
        @Override
        double[] values(RandomStream random, List<Integer> shape) {
            double bound = Math.sqrt(6.0 / (shape.get(0) + shape.get(1)));
            double[] values = new double[Math.toIntExact(Tensor.size(shape))];
            for (int i = 0; i < values.length; i++) {
                values[i] = bound * (2 * random.uniform() - 1);
            }
            return values;
        }
    },
    /** Orthonormal rows (Saxe et al. 2013). */
    ORTHOGONAL {
        @Override
        double[] values(RandomStream random, List<Integer> shape) {
            return orthonormalRows(random, shape.get(0), shape.get(1));
        }
    },
    /** The biases of an LSTM's gates i, f, c, o: zero, but one for the forget gate (Jozefowicz et al. 2015). */
    UNIT_FORGET_BIAS {
        @Override
        double[] values(RandomStream random, List<Integer> shape) {
            double[] values = new double[shape.get(0)];
            for (int i = values.length / 4; i < values.length / 2; i++) {
                values[i] = 1;
            }
            return values;
        }
    };

    abstract double[] values(RandomStream random, List<Integer> shape);

    /**
     * The weights that a model begins with, each tensor a function of the seed and its place in the model.
     *
     * @param config the model
     * @param seed   the seed
     * @return its weights, rounded to float32 so that every device and file starts from the same
     */
    public static Weights keras(ModelConfig config, long seed) {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            double[] values = spec.initial().values(new RandomStream(seed, Purpose.WEIGHTS, tensors.size()),
                    spec.shape());
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) values[i];
            }
            tensors.add(new Tensor(spec.name(), spec.shape(), values));
        }
        return new Weights(config, tensors);
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
