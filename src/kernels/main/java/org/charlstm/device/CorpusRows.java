package org.charlstm.device;

/** A corpus on the host: N rows of T + 1 ids and F features. An implementation may compute a row on each call. */
public interface CorpusRows extends CorpusBuffer {
    /** Writes the T + 1 ids of a row, counted from 0 to N - 1, into an array from index {@code at} on. */
    void row(int row, int[] into, int at);

    /** Writes the F features of a row; called only if F is above 0. */
    void features(int row, float[] into);
}
