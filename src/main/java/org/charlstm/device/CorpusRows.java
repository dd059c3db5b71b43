package org.charlstm.device;

/**
 * A corpus on the host: N rows of T + 1 ids, with F features each. A row is asked for each time it is needed, so an
 * implementation may compute it.
 */
public interface CorpusRows extends CorpusBuffer {
    /**
     * Writes a row.
     *
     * @param row  from 0
     * @param into receives T + 1 ids
     * @param at   the index of the first
     */
    void row(int row, int[] into, int at);

    /**
     * Writes the features of a row.
     *
     * @param row  from 0
     * @param into receives F features, F being above 0
     */
    void features(int row, float[] into);
}
