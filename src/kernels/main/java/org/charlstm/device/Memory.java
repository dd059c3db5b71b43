package org.charlstm.device;

/**
 * A scope of device memory. Buffers live until it is closed; after that it throws an {@link IllegalStateException}. All
 * elements start as zero. A size below 1, or another number of values than a matrix takes, is an
 * {@link IllegalArgumentException}, a buffer too large for the device a {@link org.charlstm.CharlstmException}.
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

    /** A vector of 32-bit integers, at least one. */
    Ints ints(int length);

    /** A vector with these 32-bit integers, at least one. */
    default Ints ints(int[] values) {
        Ints vector = ints(values.length);
        vector.write(values);
        return vector;
    }

    /** A vector of 64-bit reals, at least one, on every device: sums and settings, never bulk data. */
    Doubles doubles(int length);

    /** A vector with these 64-bit reals, at least one. */
    default Doubles doubles(double[] values) {
        Doubles vector = doubles(values.length);
        vector.write(values);
        return vector;
    }

    /**
     * Makes a corpus available to {@link Operations#gather}. A device in host memory returns the corpus itself; any
     * other copies all rows, 4 N (T + 1) bytes, and all features, 4 N F bytes.
     */
    CorpusBuffer corpus(CorpusRows corpus);

    /** This scope under a name, by which {@link Device#memoryUse} counts allocations; closing either closes both. */
    default Memory forPurpose(String purpose) {
        return this;
    }

    /** Frees everything allocated here; another thread's lease of the device is an {@link IllegalStateException}. */
    @Override
    void close();
}
