package org.charlstm.device;

import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/**
 * The elements that a dropout layer keeps in training (Srivastava et al., "Dropout: a simple way to prevent neural
 * networks from overfitting", JMLR 2014). This is inverted dropout, as in Keras and PyTorch: kept elements are divided
 * by the share that is kept, and inference needs no scaling.
 *
 * <p>In batch n, the element in row r and column c of a matrix of C columns is kept if the 16-bit number of
 * {@link Philox#sixteen} at (seed, {@link Purpose#DROPOUT}, index layer 2^32 + n, step r ceil(C / 8) + floor(c / 8),
 * place c mod 8) is at least {@link #threshold}. No mask is stored; the function gives the same mask on every device,
 * in the forward and the backward pass. If the matrix is part of a larger matrix, r is the row in the larger matrix.
 * The rate, the share that is dropped, is from 0 to below 1 in steps of 2^-16. The number of a layer in its model gives
 * each layer a different mask.
 */
public record Dropout(double rate, long seed, int layer, Rows rows) {
    private static final int VALUES = 1 << 16;

    /**
     * Adjacent sequences of a larger batch of {@code whole} sequences. Row r of their time-major matrix belongs to
     * sequence r mod batch; in the matrix of the larger batch it is row floor(r / batch) whole + first + r mod batch.
     */
    public record Rows(int batch, int whole, int first) {
        /** The rows of a matrix that is not part of a larger matrix. */
        public static final Rows ALL = new Rows(1, 1, 0);

        /** Checks the ranges. */
        public Rows {
            if (batch < 1 || first < 0 || whole - first < batch) {
                throw new IllegalArgumentException(batch + " of " + whole + " sequences from " + first);
            }
        }

        /** The row of the larger matrix. */
        public int of(int row) {
            return row / batch * whole + first + row % batch;
        }
    }

    /** Dropout of a matrix that is not part of a larger matrix. */
    public Dropout(double rate, long seed, int layer) {
        this(rate, seed, layer, Rows.ALL);
    }

    /** Checks the rate. */
    public Dropout {
        requireRate(rate);
    }

    /** Throws an {@link IllegalArgumentException} for a rate below 0, or one that rounds to 1 in steps of 2^-16. */
    public static void requireRate(double rate) {
        if (!(rate >= 0 && Math.rint(rate * VALUES) < VALUES)) {
            throw new IllegalArgumentException("a dropout of " + rate + "; it must be at least 0 and less than 1");
        }
    }

    /** The least 16-bit random number that keeps an element, from 0 to 2^16 - 1. */
    public int threshold() {
        return (int) Math.rint(rate * VALUES);
    }

    /** The factor of kept elements: 1 over the share that is kept. */
    public double scale() {
        return (double) VALUES / (VALUES - threshold());
    }

    /** Whether an element is kept in batch n. */
    public boolean keeps(int batch, int columns, int row, int column) {
        return Philox.sixteen(seed, Purpose.DROPOUT, (long) layer << 32 | (batch & 0xFFFFFFFFL),
                rows.of(row) * Math.ceilDiv(columns, 8) + column / 8, column % 8) >= threshold();
    }
}
