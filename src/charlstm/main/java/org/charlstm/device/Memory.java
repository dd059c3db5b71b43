package org.charlstm.device;

/**
 * A scope of device memory. Buffers live until it is closed; after that it allocates nothing and throws an
 * {@link IllegalStateException}. All elements start as zero.
 */
public interface Memory extends AutoCloseable {
    /**
     * A matrix of reals in the device's own storage type, of at least one row and one column.
     *
     * @throws IllegalArgumentException       if a size is below 1
     * @throws org.charlstm.CharlstmException if it is larger than the device can address
     */
    Matrix matrix(int rows, int columns);

    /**
     * A matrix with these values, rounded to the device's own storage type.
     *
     * @param values rows x columns, row-major
     * @throws IllegalArgumentException       if they are more or fewer, or a size is below 1
     * @throws org.charlstm.CharlstmException if it is larger than the device can address
     */
    default Matrix matrix(int rows, int columns, float[] values) {
        Matrix matrix = matrix(rows, columns);
        matrix.write(values);
        return matrix;
    }

    /**
     * A flat buffer of parameters, gradients or optimiser state, in float32 or better: a matrix of one row.
     *
     * @throws IllegalArgumentException       if the length is below 1
     * @throws org.charlstm.CharlstmException if it is larger than the device can address
     */
    default Matrix flat(int length) {
        return matrix(1, length);
    }

    /**
     * A vector of 32-bit integers, at least one.
     *
     * @throws IllegalArgumentException if the length is below 1
     */
    Ints ints(int length);

    /** A vector with these 32-bit integers, at least one. */
    default Ints ints(int[] values) {
        Ints vector = ints(values.length);
        vector.write(values);
        return vector;
    }

    /**
     * A vector of 64-bit reals, at least one, on every device: sums and settings, never bulk data.
     *
     * @throws IllegalArgumentException if the length is below 1
     */
    Doubles doubles(int length);

    /** A vector with these 64-bit reals, at least one. */
    default Doubles doubles(double[] values) {
        Doubles vector = doubles(values.length);
        vector.write(values);
        return vector;
    }

    /**
     * Makes a corpus available to the device. A device in host memory returns the corpus itself; any other copies all
     * rows, 4 N (T + 1) bytes, and all features, 4 N F bytes.
     *
     * @return what {@link Operations#gather} takes
     * @throws org.charlstm.CharlstmException if it is larger than the device can address
     */
    CorpusBuffer corpus(CorpusRows corpus);

    /**
     * This scope under a name: {@link Device#memoryUse} counts allocations through it for that purpose.
     *
     * @param purpose for example {@code activations}
     * @return the same scope; closing either closes both
     */
    default Memory forPurpose(String purpose) {
        return this;
    }

    /**
     * Frees everything allocated here.
     *
     * @throws IllegalStateException if another thread has a lease of the device
     */
    @Override
    void close();
}
