package org.charlstm.train;

import module java.base;
import org.charlstm.base.Quantity;
import org.charlstm.base.Refuse;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.text.Corpus;

/**
 * How to train.
 *
 * @param batchSize    the captions in a batch; the last batch of an epoch may be smaller
 * @param accumulate   the number of batches whose gradients make one update, as if they were one batch; the last update
 *                     of an epoch may have fewer
 * @param learningRate the rate at which the schedule begins
 * @param warmUp       the number of first updates, over which the rate rises in equal steps; 0 for none
 * @param clipNorm     the norm to which larger gradients are scaled down; infinity for no limit
 * @param clipValue    the largest magnitude of each gradient; infinity for no limit
 * @param seed         the seed that fixes the order of the captions and the dropout masks
 * @param shuffle      whether each epoch has its own order instead of the text's order
 * @param streams      whether the rows are consecutive pieces of a text. Each row of a batch then continues the same
 *                     row of the batch before, from its state, and nothing is shuffled
 */
public record TrainingOptions(int batchSize, int accumulate, double learningRate, Schedule schedule, int warmUp,
        UpdateRule rule, double clipNorm, double clipValue, long seed, boolean shuffle,
        PaddingMode padding, boolean streams) {
    /** The lab's batch size. */
    public static final int BATCH_SIZE = 128;
    /** The lab's training. */
    public static final TrainingOptions DEFAULT = new TrainingOptions(BATCH_SIZE, RmsProp.LEARNING_RATE, 1, true);

    /** Keras 2's RMSprop at a constant rate, without clipping; if captions are shuffled, the seed fixes their order. */
    public TrainingOptions(int batchSize, double learningRate, long seed, boolean shuffle) {
        this(batchSize, 1, learningRate, new Schedule.Constant(), 0, RmsProp.KERAS, Double.POSITIVE_INFINITY,
                Double.POSITIVE_INFINITY, seed, shuffle, PaddingMode.LAB, false);
    }

    /** Refuses values that cannot train. */
    public TrainingOptions {
        Refuse.argumentIf(batchSize < 1, "the batch size is " + batchSize + "; it must be at least 1");
        Refuse.argumentIf(accumulate < 1, "an update is of " + accumulate + " batches; it must be at least 1");
        // Devices compute in float32.
        Refuse.argumentIf(!((float) learningRate > 0 && (float) learningRate < Float.POSITIVE_INFINITY),
                "the learning rate is " + learningRate + "; it must be above 0 and finite, in float32 too");
        Refuse.argumentIf(warmUp < 0, "the warm-up is " + warmUp + " updates; it must be at least 0");
        Refuse.argumentIf(!((float) clipNorm > 0),
                "the norm to clip at is " + clipNorm + "; it must be above 0, in float32 too");
        Refuse.argumentIf(!((float) clipValue > 0),
                "the value to clip at is " + clipValue + "; it must be above 0, in float32 too");
    }

    /** The same with another update rule and its learning rate. */
    public TrainingOptions rule(double rate, UpdateRule other) {
        return new TrainingOptions(batchSize, accumulate, rate, schedule, warmUp, other, clipNorm, clipValue, seed,
                shuffle, padding, streams);
    }

    /** The same with gradients clipped to a largest norm and a largest value; infinity for no limit. */
    public TrainingOptions clip(double norm, double value) {
        return new TrainingOptions(batchSize, accumulate, learningRate, schedule, warmUp, rule, norm, value, seed,
                shuffle, padding, streams);
    }

    /** The same with another schedule, after a warm-up of the given number of updates. */
    public TrainingOptions schedule(Schedule other, int updates) {
        return new TrainingOptions(batchSize, accumulate, learningRate, other, updates, rule, clipNorm, clipValue,
                seed, shuffle, padding, streams);
    }

    /** The same with another batch size. */
    public TrainingOptions batchSize(int captions) {
        return new TrainingOptions(captions, accumulate, learningRate, schedule, warmUp, rule, clipNorm, clipValue,
                seed, shuffle, padding, streams);
    }

    /** The same with updates from several batches each. */
    public TrainingOptions accumulate(int batches) {
        return new TrainingOptions(batchSize, batches, learningRate, schedule, warmUp, rule, clipNorm, clipValue, seed,
                shuffle, padding, streams);
    }

    /** The same with other padding. */
    public TrainingOptions padding(PaddingMode other) {
        return new TrainingOptions(batchSize, accumulate, learningRate, schedule, warmUp, rule, clipNorm, clipValue,
                seed, shuffle, other, streams);
    }

    /** A copy of these options with or without streams. */
    public TrainingOptions streams(boolean other) {
        return new TrainingOptions(batchSize, accumulate, learningRate, schedule, warmUp, rule, clipNorm, clipValue,
                seed, shuffle, padding, other);
    }

    /** The rate of an update, counted from 0 over all epochs: the schedule's rate, or a part of it in the warm-up. */
    public double rate(Schedule.Course course, long update, int perEpoch) {
        double rising = warmUp == 0 ? 1 : Math.min(1, (update + 1.0) / warmUp);
        return rising * schedule.rate(learningRate, course, (double) update / perEpoch, (double) warmUp / perEpoch);
    }

    /** Refuses a warm-up as long as the whole cosine schedule. The corpus has {@code rows} rows, at least 1. */
    public void requireRoom(int rows) {
        if (schedule instanceof Schedule.Cosine cosine && warmUp > 0
                && warmUp >= (long) cosine.epochs() * updates(rows)) {
            throw new IllegalArgumentException("the warm-up of " + Quantity.of(warmUp, "updates")
                    + " leaves nothing of the cosine, " + Quantity.of(cosine.epochs(), "epochs") + " of "
                    + Quantity.of(updates(rows), "updates") + "; make it shorter, or the cosine longer");
        }
    }

    /** Whether updates have different rates. */
    public boolean changesRate() {
        return warmUp > 0 || !(schedule instanceof Schedule.Constant);
    }

    /** The number of updates in an epoch, at least 1, for a corpus of at least one row. */
    public int updates(int rows) {
        return streams ? Math.ceilDiv(rows / Math.min(rows, batchSize), accumulate)
                : Math.ceilDiv(rows, (int) Math.min(rows, (long) batchSize * accumulate));
    }

    /** The number of rows that an epoch takes: all, except the rows that do not fill the streams. */
    public int rows(Corpus corpus) {
        int rows = corpus.rows();
        return streams ? rows - rows % Math.min(rows, batchSize) : rows;
    }

    /** The time steps of an epoch that {@link Figures#CHARS_PER_SECOND} counts. */
    public double characters(Corpus corpus) {
        double all = (double) rows(corpus) * corpus.steps();
        return padding == PaddingMode.LAB ? all : all * (1 - corpus.lengths().padding(corpus.steps()));
    }

    /** For each number of time steps of a batch, all steps that an epoch computes in such batches, with padding. */
    public SortedMap<Integer, Long> stepsOfBatches(Corpus corpus) {
        SortedMap<Integer, Long> steps = new TreeMap<>();
        EpochPlan.of(corpus, this, Buckets.of(corpus, padding), 1).updates().stream().flatMap(List::stream)
                .forEach(batch -> steps.merge(batch.steps(), (long) batch.rows() * batch.steps(), Long::sum));
        return steps;
    }

    /** Whether training can stop after these rows of an epoch, between two updates; epoch 0 is before the first. */
    public boolean isBetweenUpdates(Corpus corpus, int epoch, int rows) {
        return EpochPlan.of(corpus, this, Buckets.of(corpus, padding), Math.max(1, epoch)).updatesAfter(rows) >= 0;
    }

    /**
     * The numbers of a text's windows in the order in which streams take them, one stream for each row of a batch:
     * repeatedly the next window of each stream, then the windows that no stream takes.
     */
    public int[] inStreams(Corpus corpus) {
        return EpochPlan.ofStreams(corpus.rows(), Math.min(batchSize, corpus.rows()));
    }
}
