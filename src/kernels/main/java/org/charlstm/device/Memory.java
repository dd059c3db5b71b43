package org.charlstm.device;

/**
 * A scope of device memory. Its buffers live until the scope is closed; a closed scope throws an
 * {@link IllegalStateException}. All elements start as zero. A size below 1 or a wrong number of values throws an
 * {@link IllegalArgumentException}; a buffer too large for the device throws a {@link org.charlstm.CharlstmException}.
 */
public interface Memory extends AutoCloseable {
    /** A matrix of reals in the device's own storage type, of at least one row and one column. */
    Matrix matrix(int rows, int columns);

    /** A matrix with these values, rows x columns and row-major, rounded to the device's own storage type. */
    default Matrix matrix(int rows, int columns, float[] values) {
        Matrix matrix = matrix(rows, columns);
        matrix.write(values);
        return matrix;
    }

    /** A flat buffer of parameters, gradients or optimiser state, in float32 or better: a matrix of one row. */
    default Matrix flat(int length) {
        return matrix(1, length);
    }

    /** A vector of at least one 32-bit integer. */
    Ints ints(int length);

    /** A vector with these 32-bit integers; at least one is needed. */
    default Ints ints(int[] values) {
        Ints vector = ints(values.length);
        vector.write(values);
        return vector;
    }

    /** A vector of at least one 64-bit real, on every device: for sums and settings, never for bulk data. */
    Doubles doubles(int length);

    /** A vector with these 64-bit reals; at least one is needed. */
    default Doubles doubles(double[] values) {
        Doubles vector = doubles(values.length);
        vector.write(values);
        return vector;
    }

    /**
     * Makes a corpus available to {@link Operations#gather}. A device in host memory returns the corpus itself; any
     * other device copies all rows, 4 N (T + 1) bytes, and all features, 4 N F bytes.
     */
    CorpusBuffer corpus(CorpusRows corpus);

    /** A view of this scope, listed under a name in {@link Device#memoryUse}; closing either closes both. */
    default Memory forPurpose(String purpose) {
        return this;
    }

    /** Frees everything allocated here; throws an {@link IllegalStateException} during another thread's lease. */
    @Override
    void close();
}
