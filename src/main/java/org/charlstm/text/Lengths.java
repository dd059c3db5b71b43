package org.charlstm.text;

/** How many captions have how many characters. */
public final class Lengths {
    private final int[] counts;

    /** Takes the number of captions of each length, from 0. */
    Lengths(int[] counts) {
        this.counts = counts;
    }

    /**
     * The least length that a share of the captions does not exceed.
     *
     * @param share from above 0 to 1: 0.5 for the median, 1 for the longest
     */
    public int quantile(double share) {
        double wanted = share * longerThan(-1);
        long seen = 0;
        int length = -1;
        while (length + 1 < counts.length && seen < wanted) {
            seen += counts[++length];
        }
        return length;
    }

    /** How many captions are longer than a length. */
    public long longerThan(int length) {
        long longer = 0;
        for (int i = length + 1; i < counts.length; i++) {
            longer += counts[i];
        }
        return longer;
    }

    /**
     * The share of padding in padded rows: steps whose target is an end symbol after the first.
     *
     * @param steps T of the rows
     */
    public double padding(int steps) {
        double used = 0;
        for (int length = 0; length < counts.length; length++) {
            used += (length + 1.0) * counts[length];
        }
        return 1 - used / ((double) steps * longerThan(-1));
    }
}
