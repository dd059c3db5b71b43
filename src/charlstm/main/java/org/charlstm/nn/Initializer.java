package org.charlstm.nn;

import module java.base;
import org.charlstm.random.RandomStream;

/** The values of a tensor before training, as in Keras 2. */
public enum Initializer {
    /** Zeros. */
    ZEROS,
    /** Ones. */
    ONES,
    /** Uniform within +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010). */
    GLOROT_UNIFORM,
    /** Uniform within +-0.05, as Keras' RandomUniform. */
    UNIFORM,
    /** Orthonormal rows, or orthonormal columns if there are fewer columns than rows (Saxe et al. 2013). */
    ORTHOGONAL,
    /** The biases of an LSTM's gates i, f, c, o: 1 for the forget gate f, 0 for the others (Jozefowicz et al. 2015). */
    UNIT_FORGET_BIAS;

    double[] values(RandomStream random, List<Integer> shape) {
        double[] values = new double[Math.toIntExact(Tensor.size(shape))];
        switch (this) {
            case ZEROS -> {}
            case ONES -> Arrays.fill(values, 1);
            case GLOROT_UNIFORM -> fill(values, Math.sqrt(6.0 / (shape.get(0) + shape.get(1))), random);
            case UNIFORM -> fill(values, 0.05, random);
            case UNIT_FORGET_BIAS -> Arrays.fill(values, values.length / 4, values.length / 2, 1);
            case ORTHOGONAL -> {
                return orthonormal(random, shape.get(0), shape.get(1));
            }
        }
        return values;
    }

    private static void fill(double[] values, double bound, RandomStream random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = bound * (2 * random.uniform() - 1);
        }
    }

    /** The name in Keras. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The weights of a new model as {@link InitialWeights#KERAS} chooses them. */
    public static Weights keras(ModelConfig config, long seed) {
        return InitialWeights.KERAS.weights(config, seed);
    }

    /** Orthonormal rows, or orthonormal columns if there are fewer columns than rows. */
    private static double[] orthonormal(RandomStream random, int rows, int columns) {
        if (rows <= columns) {
            return orthonormalRows(random, rows, columns);
        }
        double[] transposed = orthonormalRows(random, columns, rows);
        double[] values = new double[transposed.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                values[i * columns + j] = transposed[j * rows + i];
            }
        }
        return values;
    }

    /**
     * Makes the rows of a normal random matrix orthonormal by the modified Gram-Schmidt process. The result has the
     * same distribution as Keras' QR decomposition with a positive diagonal.
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
