package org.charlstm.device;

/** A corpus in device memory, N rows of T + 1 ids, as {@link Operations#gather} takes batches from it. */
public interface CorpusBuffer {
    /** How many rows there are. */
    int rows();

    /** How many time steps each has. */
    int steps();

    /**
     * The symbol after which all that a row has is padding.
     *
     * @return the end symbol's id; -1 for running text, which has none
     */
    int end();

    /**
     * How many features each row has, as {@link Operations#gatherFeatures} takes them.
     *
     * @return F; 0 for none
     */
    int features();
}
