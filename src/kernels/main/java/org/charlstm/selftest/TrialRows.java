package org.charlstm.selftest;

import org.charlstm.device.CorpusRows;

/**
 * A corpus of given rows.
 *
 * @param ids    T + 1 ids of each row
 * @param end    the end symbol, -1 for none
 * @param values F features of each row; no arrays for a corpus without features
 */
public record TrialRows(int[][] ids, int end, float[]... values) implements CorpusRows {
    @Override
    public int rows() {
        return ids.length;
    }

    @Override
    public int steps() {
        return ids[0].length - 1;
    }

    @Override
    public int features() {
        return values.length == 0 ? 0 : values[0].length;
    }

    @Override
    public void row(int row, int[] into, int at) {
        System.arraycopy(ids[row], 0, into, at, ids[row].length);
    }

    @Override
    public void features(int row, float[] into) {
        System.arraycopy(values[row], 0, into, 0, values[row].length);
    }
}
