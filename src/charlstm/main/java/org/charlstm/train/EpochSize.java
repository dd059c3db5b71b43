package org.charlstm.train;

import module java.base;
import org.charlstm.text.Corpus;

/** How much of a corpus an epoch takes, and in which batches. */
public final class EpochSize {
    private EpochSize() {
    }

    /** The rows of an epoch: all, except those that streams leave over. */
    public static int rows(Corpus corpus, TrainingOptions options) {
        int rows = corpus.rows();
        return options.streams() ? rows - rows % Math.min(rows, options.batchSize()) : rows;
    }

    /** The time steps of an epoch that {@link Figures#CHARS_PER_SECOND} counts. */
    public static double characters(Corpus corpus, TrainingOptions options) {
        double all = (double) rows(corpus, options) * corpus.steps();
        return options.padding() == PaddingMode.LAB ? all : all * (1 - corpus.lengths().padding(corpus.steps()));
    }

    /** How many time steps, padding included, are computed in batches of each number of time steps. */
    public static SortedMap<Integer, Long> stepsOfBatches(Corpus corpus, TrainingOptions options) {
        SortedMap<Integer, Long> steps = new TreeMap<>();
        EpochPlan.of(corpus, options, Buckets.of(corpus, options.padding()), 1).updates().stream().flatMap(List::stream)
                .forEach(batch -> steps.merge(batch.steps(), (long) batch.rows() * batch.steps(), Long::sum));
        return steps;
    }

    /** Whether training can be between two updates, or at an end, after some rows of an epoch, 0 before the first. */
    public static boolean isBetweenUpdates(Corpus corpus, TrainingOptions options, int epoch, int rows) {
        return EpochPlan.of(corpus, options, Buckets.of(corpus, options.padding()), Math.max(1, epoch))
                .updatesAfter(rows) >= 0;
    }

    /**
     * The order in which streams, at most as many as windows, take the windows of a text by their numbers: the next of
     * each stream, again and again; windows that no stream takes are last.
     */
    public static int[] inStreams(Corpus corpus, int streams) {
        return EpochPlan.ofStreams(corpus.rows(), streams);
    }
}
