package org.charlstm.device;

/** A corpus in device memory, N rows of T + 1 ids. {@link Operations#gather} takes batches from it. */
public interface CorpusBuffer {
    /** N, the number of rows. */
    int rows();

    /** T, the number of time steps of a row. */
    int steps();

    /** The id of the end symbol, which only padding follows in a row; -1 for running text without an end symbol. */
    int end();

    /** F, the number of features of a row; 0 for none. */
    int features();
}
