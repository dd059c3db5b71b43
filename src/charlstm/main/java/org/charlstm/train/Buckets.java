package org.charlstm.train;

import module java.base;
import org.charlstm.text.Corpus;

/** Increasing numbers of time steps. Each row is padded to the least number that fits; the last fits all rows. */
record Buckets(List<Integer> steps) {
    /** The most buckets; a further bucket would save little padding and leave few batches in each. */
    static final int MOST = 6;

    Buckets {
        steps = List.copyOf(steps);
    }

    /** The buckets of a corpus; without {@link PaddingMode#BUCKET}, a single bucket. */
    static Buckets of(Corpus corpus, PaddingMode mode) {
        if (mode != PaddingMode.BUCKET) {
            return new Buckets(List.of(corpus.steps()));
        }
        int[] lengths = new int[corpus.steps() + 1];
        for (int row = 0; row < corpus.rows(); row++) {
            lengths[corpus.realSteps(row)]++;
        }
        return of(lengths, MOST);
    }

    /** At most {@code most} buckets with the least padding, given the number of rows of each length. */
    static Buckets of(int[] lengths, int most) {
        int[] present = IntStream.range(0, lengths.length).filter(length -> lengths[length] > 0).toArray();
        // cost[k][i]: the padded steps of the rows with the i shortest lengths, in k buckets; the last ends at length
        // i.
        long[][] cost = new long[most + 1][present.length + 1];
        int[][] from = new int[most + 1][present.length + 1];
        for (long[] each : cost) {
            Arrays.fill(each, Long.MAX_VALUE);
        }
        cost[0][0] = 0;
        int best = 1;
        for (int k = 1; k <= most; k++) {
            for (int i = 1; i <= present.length; i++) {
                long rows = 0;
                for (int j = i - 1; j >= 0; j--) {
                    rows += lengths[present[j]];
                    if (cost[k - 1][j] < Long.MAX_VALUE && cost[k - 1][j] + rows * present[i - 1] < cost[k][i]) {
                        cost[k][i] = cost[k - 1][j] + rows * present[i - 1];
                        from[k][i] = j;
                    }
                }
            }
            best = cost[k][present.length] < cost[best][present.length] ? k : best;
        }
        Integer[] ends = new Integer[best];
        for (int k = best, i = present.length; k > 0; i = from[k][i], k--) {
            ends[k - 1] = present[i - 1];
        }
        return new Buckets(Arrays.asList(ends));
    }

    /** The index, from 0, of the bucket for a row with {@code real} steps that are not padding. */
    int of(int real) {
        int bucket = 0;
        while (steps.get(bucket) < real) {
            bucket++;
        }
        return bucket;
    }
}
