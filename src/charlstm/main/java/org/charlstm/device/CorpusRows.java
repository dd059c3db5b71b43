package org.charlstm.device;

/**
 * A corpus on the host: N rows of T + 1 ids, with F features each. A row is asked for each time it is needed, so an
 * implementation may compute it.
 */
public interface CorpusRows extends CorpusBuffer {
    /**
     * Writes the T + 1 ids of a row.
     *
     * @param row  from 0 to N - 1
     * @param into receives them
     * @param at   the index of the first
     */
    void row(int row, int[] into, int at);

    /** Writes the F features of a row, F being above 0. */
    void features(int row, float[] into);
}
