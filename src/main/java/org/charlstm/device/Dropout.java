package org.charlstm.device;

import org.charlstm.random.Philox;
import org.charlstm.random.Purpose;

/**
 * Which elements a dropout layer lets through in training (Srivastava et al., "Dropout: a simple way to prevent neural
 * networks from overfitting", JMLR 2014), inverted as in Keras and PyTorch: what is kept is divided by the share that
 * is kept, so that nothing is to be done when the model is used.
 *
 * <p>Of a matrix of C columns, the element in row r and column c is kept in batch n if the 16 bits of
 * {@link Philox#sixteen} at (seed, {@link Purpose#DROPOUT}, index layer 2^32 + n, step r ceil(C / 8) + floor(c / 8),
 * place c mod 8) are, as a number, at least {@link #threshold}. So no mask is kept: it is the same on every device,
 * forward and backward. Of a matrix that is a part of a larger one, r is the row of that one.
 *
 * @param rate  the share that is dropped, from 0 up to but not including 1, in steps of 2^-16
 * @param layer the layer's number among those of its model, so that no two have the same mask
 * @param rows  which rows of a larger matrix those of the matrix are
 */
public record Dropout(double rate, long seed, int layer, Rows rows) {
    private static final int VALUES = 1 << 16;

    /**
     * Some sequences of a larger batch: row r of their time-major matrix, of sequence r mod batch, is row
     * floor(r / batch) whole + first + r mod batch of that of all.
     *
     * @param batch sequences, at least 1
     * @param whole those of the larger batch
     * @param first where the sequences begin among those
     */
    public record Rows(int batch, int whole, int first) {
        /** Those of a matrix that is no part of another. */
        public static final Rows ALL = new Rows(1, 1, 0);

        /** Refuses what is no part. */
        public Rows {
            if (batch < 1 || first < 0 || whole - first < batch) {
                throw new IllegalArgumentException(batch + " of " + whole + " sequences from " + first);
            }
        }

        /**
         * Where a row is in the larger matrix.
         *
         * @param row from 0
         * @return from 0
         */
        public int of(int row) {
            return row / batch * whole + first + row % batch;
        }
    }

    /**
     * Dropout of a matrix that is no part of another.
     *
     * @param rate  the share that is dropped
     */
    public Dropout(double rate, long seed, int layer) {
        this(rate, seed, layer, Rows.ALL);
    }

    /** Refuses rates that leave nothing. */
    public Dropout {
        requireRate(rate);
    }

    /**
     * Refuses what is no rate.
     *
     * @throws IllegalArgumentException if it is below 0 or, in steps of 2^-16, 1 or more
     */
    public static void requireRate(double rate) {
        if (!(rate >= 0 && Math.rint(rate * VALUES) < VALUES)) {
            throw new IllegalArgumentException("a dropout of " + rate + "; it must be at least 0 and less than 1");
        }
    }

    /**
     * The least sixteen bits that let an element through.
     *
     * @return from 0 to 2^16 - 1
     */
    public int threshold() {
        return (int) Math.rint(rate * VALUES);
    }

    /**
     * By what those that are let through are multiplied.
     *
     * @return 1 over their share
     */
    public double scale() {
        return (double) VALUES / (VALUES - threshold());
    }

    /**
     * Whether an element is kept.
     *
     * @param batch   n, the batch's number
     * @return whether it is let through
     */
    public boolean keeps(int batch, int columns, int row, int column) {
        return Philox.sixteen(seed, Purpose.DROPOUT, (long) layer << 32 | (batch & 0xFFFFFFFFL),
                rows.of(row) * Math.ceilDiv(columns, 8) + column / 8, column % 8) >= threshold();
    }
}
