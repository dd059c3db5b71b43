package org.charlstm.device;

/** A corpus on the host: N rows of T + 1 ids, with F features each. An implementation may compute a row each time. */
public interface CorpusRows extends CorpusBuffer {
    /** Writes the T + 1 ids of a row, from 0 to N - 1, from an index on. */
    void row(int row, int[] into, int at);

    /** Writes the F features of a row, F being above 0. */
    void features(int row, float[] into);
}
