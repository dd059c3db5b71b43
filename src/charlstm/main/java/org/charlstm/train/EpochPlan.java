package org.charlstm.train;

import module java.base;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.charlstm.text.Corpus;

/**
 * The order in which an epoch takes the rows of a corpus, and the batches of each update. The plan is a function of the
 * corpus, the options and the epoch. All epochs have batches of the same shapes, in different orders.
 */
record EpochPlan(int[] order, List<List<Batch>> updates) {
    /**
     * A batch of B rows of this rank, of T steps with padding last. {@code real} counts the steps that are not padding
     * and {@code whole} the rows, both over all ranks; {@code first} is the place of this rank's rows among all.
     */
    record Batch(int rows, int steps, long real, int whole, int first) {
        Batch(int rows, int steps, long real) {
            this(rows, steps, real, rows, 0);
        }

        /**
         * The first row of a rank; for rank = size, the total number of rows. If there are any rows, rank 0 has at
         * least one.
         */
        private static int first(int rows, int rank, int size) {
            return (int) Math.ceilDiv((long) rank * rows, size);
        }

        private Batch share(int rank, int size) {
            int from = first(rows, rank, size);
            return new Batch(first(rows, rank + 1, size) - from, steps, real, rows, from);
        }
    }

    /** The share of a rank: some rows of each batch, or none. The order has the rank's rows first, then all others. */
    EpochPlan share(int rank, int size) {
        List<List<Batch>> shares =
                updates.stream().map(update -> update.stream().map(batch -> batch.share(rank, size)).toList()).toList();
        int[] own = new int[order.length];
        int taken = 0;
        int at = 0;
        int others = shares.stream().mapToInt(EpochPlan::rows).sum();
        for (List<Batch> update : shares) {
            for (Batch batch : update) {
                for (int i = 0; i < batch.whole; i++) {
                    boolean mine = i >= batch.first && i < batch.first + batch.rows;
                    own[mine ? taken++ : others++] = order[at++];
                }
            }
        }
        System.arraycopy(order, at, own, others, order.length - at);
        return new EpochPlan(own, shares);
    }

    /** The plan of an epoch, counted from 1. */
    static EpochPlan of(Corpus corpus, TrainingOptions options, Buckets buckets, int epoch) {
        return options.streams() ? streams(corpus, options) : shuffled(corpus, options, buckets, epoch);
    }

    /**
     * The plan of streams, one for each row of a batch, as in Karpathy's char-rnn. A stream has consecutive rows of the
     * corpus, and each batch takes the next row of each stream. The remaining rows, fewer than a batch, are not taken.
     */
    static EpochPlan streams(Corpus corpus, TrainingOptions options) {
        int streams = Math.min(options.batchSize(), corpus.rows());
        Batch each = new Batch(streams, corpus.steps(), (long) streams * corpus.steps());
        return new EpochPlan(ofStreams(corpus.rows(), streams),
                updates(options, Collections.nCopies(corpus.rows() / streams, each)));
    }

    /** Repeatedly the next row of each stream, then the remaining rows. */
    static int[] ofStreams(int rows, int streams) {
        int length = rows / streams;
        return IntStream.range(0, rows).map(i -> i < streams * length ? i % streams * length + i / streams : i)
                .toArray();
    }

    private static List<List<Batch>> updates(TrainingOptions options, List<Batch> batches) {
        List<List<Batch>> updates = new ArrayList<>();
        for (int i = 0; i < batches.size(); i += options.accumulate()) {
            updates.add(batches.subList(i, Math.min(batches.size(), i + options.accumulate())));
        }
        return updates;
    }

    private static EpochPlan shuffled(Corpus corpus, TrainingOptions options, Buckets buckets, int epoch) {
        int[] order = shuffled(corpus.rows(), options, Purpose.SHUFFLE, epoch);
        int count = Math.ceilDiv(order.length, options.batchSize());
        if (buckets.steps().size() == 1) {
            return new EpochPlan(order, updates(options, IntStream.range(0, count)
                    .mapToObj(number -> batch(corpus, buckets, order, number, options.batchSize())).toList()));
        }
        int[] sorted = sorted(order, corpus, buckets);
        // The batch of the longest rows may be smaller; its place in the order is random, too.
        int[] numbers = shuffled(count, options, Purpose.BATCHES, epoch);
        int[] taken = new int[order.length];
        int at = 0;
        for (int number : numbers) {
            int from = number * options.batchSize();
            int rows = Math.min(order.length - from, options.batchSize());
            System.arraycopy(sorted, from, taken, at, rows);
            at += rows;
        }
        return new EpochPlan(taken, updates(options, IntStream.of(numbers)
                .mapToObj(number -> batch(corpus, buckets, sorted, number, options.batchSize())).toList()));
    }

    /** Sorts rows by their buckets; rows of one bucket keep their order. */
    private static int[] sorted(int[] order, Corpus corpus, Buckets buckets) {
        int[] next = new int[buckets.steps().size() + 1];
        for (int row : order) {
            next[buckets.of(corpus.realSteps(row)) + 1]++;
        }
        Arrays.parallelPrefix(next, Integer::sum);
        int[] sorted = new int[order.length];
        for (int row : order) {
            sorted[next[buckets.of(corpus.realSteps(row))]++] = row;
        }
        return sorted;
    }

    private static Batch batch(Corpus corpus, Buckets buckets, int[] order, int number, int size) {
        int from = number * size;
        int rows = Math.min(order.length - from, size);
        int longest = 0;
        long real = 0;
        for (int i = from; i < from + rows; i++) {
            int steps = corpus.realSteps(order[i]);
            longest = Math.max(longest, steps);
            real += steps;
        }
        return new Batch(rows, buckets.steps().get(buckets.of(longest)), real);
    }

    private static int[] shuffled(int count, TrainingOptions options, Purpose purpose, int epoch) {
        int[] order = new int[count];
        RandomStream random = new RandomStream(options.seed(), purpose, epoch);
        for (int i = 0; i < count; i++) {
            int j = options.shuffle() ? random.below(i + 1) : i;
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** The number of updates done after {@code rows} rows; -1 if this is in the middle of an update. */
    int updatesAfter(int rows) {
        int done = 0;
        int seen = 0;
        while (seen < rows && done < updates.size()) {
            seen += rows(updates.get(done++));
        }
        return seen == rows ? done : -1;
    }

    int rows() {
        return updates.stream().mapToInt(EpochPlan::rows).sum();
    }

    static int rows(List<Batch> update) {
        return update.stream().mapToInt(Batch::rows).sum();
    }

    /** The time steps of the epoch, padding included. */
    long steps() {
        return updates.stream().mapToLong(EpochPlan::steps).sum();
    }

    static long steps(List<Batch> update) {
        return update.stream().mapToLong(batch -> (long) batch.rows * batch.steps).sum();
    }
}
