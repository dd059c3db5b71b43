package org.charlstm.train;

import org.charlstm.Quantity;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.RmsProp;

/**
 * How to train.
 *
 * @param batchSize    captions in a batch; the last batch of an epoch may be smaller
 * @param accumulate   batches whose gradients make an update, as if they were one batch; fewer at an epoch's end
 * @param learningRate that the schedule begins with
 * @param warmUp       updates at the beginning over which the rate rises in equal steps; 0 for none
 * @param rule         how weights are changed by their gradients
 * @param clipNorm     above it the norm of the gradients is scaled down to it; infinity for never
 * @param clipValue    each gradient that is above it, or below its negative, is brought to that; infinity for none
 * @param seed         fixes the order of the captions
 * @param shuffle      whether each epoch has an order of its own, or that of the file
 * @param padding      what becomes of the end symbols that pad captions
 * @param streams      whether the rows follow one another in a text: each row of a batch then goes on where that of the
 *                     batch before ended, from its state, and nothing is shuffled
 */
public record TrainingOptions(int batchSize, int accumulate, double learningRate, Schedule schedule, int warmUp,
        UpdateRule rule, double clipNorm, double clipValue, long seed, boolean shuffle,
        PaddingMode padding, boolean streams) {
    /** The lab's batch size. */
    public static final int BATCH_SIZE = 128;
    /** The lab's training. */
    public static final TrainingOptions DEFAULT = new TrainingOptions(BATCH_SIZE, RmsProp.LEARNING_RATE, 1, true);

    /**
     * Training with Keras 2's RMSprop at one rate, and gradients as they are.
     *
     * @param seed         fixes the order of the captions
     * @param shuffle      whether each epoch has an order of its own
     */
    public TrainingOptions(int batchSize, double learningRate, long seed, boolean shuffle) {
        this(batchSize, 1, learningRate, new Schedule.Constant(), 0, RmsProp.KERAS, Double.POSITIVE_INFINITY,
                Double.POSITIVE_INFINITY, seed, shuffle, PaddingMode.LAB, false);
    }

    /** Refuses values that cannot train. */
    public TrainingOptions {
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size is " + batchSize + "; it must be at least 1");
        }
        if (accumulate < 1) {
            throw new IllegalArgumentException("an update is of " + accumulate + " batches; it must be at least 1");
        }
        // As devices have it, which compute in float32.
        if (!((float) learningRate > 0 && (float) learningRate < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the learning rate is " + learningRate
                    + "; it must be above 0, in float32 too");
        }
        if (warmUp < 0) {
            throw new IllegalArgumentException("the warm-up is " + warmUp + " updates; it must be at least 0");
        }
        if (!((float) clipNorm > 0)) {
            throw new IllegalArgumentException("the norm to clip at is " + clipNorm + "; it must be above 0");
        }
        if (!((float) clipValue > 0)) {
            throw new IllegalArgumentException("the value to clip at is " + clipValue + "; it must be above 0");
        }
    }

    /**
     * The same with other updates.
     *
     * @param rate  that the schedule begins with
     * @param other how weights are changed
     */
    public TrainingOptions rule(double rate, UpdateRule other) {
        return new TrainingOptions(batchSize, accumulate, rate, schedule, warmUp, other, clipNorm, clipValue, seed,
                shuffle, padding, streams);
    }

    /**
     * The same with gradients clipped.
     *
     * @param norm  the largest norm, or infinity
     * @param value the largest value, or infinity
     */
    public TrainingOptions clip(double norm, double value) {
        return new TrainingOptions(batchSize, accumulate, learningRate, schedule, warmUp, rule, norm, value, seed,
                shuffle, padding, streams);
    }

    /**
     * The same with a rate that changes.
     *
     * @param updates over which it rises first
     */
    public TrainingOptions schedule(Schedule other, int updates) {
        return new TrainingOptions(batchSize, accumulate, learningRate, other, updates, rule, clipNorm, clipValue,
                seed, shuffle, padding, streams);
    }

    /** The same with other batches. */
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

    /**
     * The same over running text as a whole.
     *
     * @param other whether batches are of streams whose state is carried on
     */
    public TrainingOptions streams(boolean other) {
        return new TrainingOptions(batchSize, accumulate, learningRate, schedule, warmUp, rule, clipNorm, clipValue,
                seed, shuffle, padding, other);
    }

    /**
     * The rate of an update.
     *
     * @param course   where the schedule is, if it goes by losses
     * @param update   which, from 0, over all epochs
     * @return the schedule's, in the warm-up a part of it
     */
    public double rate(Schedule.Course course, long update, int perEpoch) {
        double rising = warmUp == 0 ? 1 : Math.min(1, (update + 1.0) / warmUp);
        return rising * schedule.rate(learningRate, course, (double) update / perEpoch, (double) warmUp / perEpoch);
    }

    /**
     * Refuses a warm-up that leaves nothing of a cosine.
     *
     * @param rows of the corpus, at least 1
     * @throws IllegalArgumentException if the warm-up is as long as the cosine, which it is a part of
     */
    public void requireRoom(int rows) {
        if (schedule instanceof Schedule.Cosine cosine && warmUp > 0
                && warmUp >= (long) cosine.epochs() * updates(rows)) {
            throw new IllegalArgumentException("the warm-up of " + Quantity.of(warmUp, "updates")
                    + " leaves nothing of the cosine, " + Quantity.of(cosine.epochs(), "epochs") + " of "
                    + Quantity.of(updates(rows), "updates") + "; make it shorter, or the cosine longer");
        }
    }

    /**
     * Whether the rate of one update may be another than that of the next.
     *
     * @return false where all have the learning rate
     */
    public boolean changesRate() {
        return warmUp > 0 || !(schedule instanceof Schedule.Constant);
    }

    /**
     * How many updates an epoch has.
     *
     * @param rows of the corpus, at least 1
     * @return at least 1
     */
    public int updates(int rows) {
        return streams ? Math.ceilDiv(rows / Math.min(rows, batchSize), accumulate)
                : Math.ceilDiv(rows, (int) Math.min(rows, (long) batchSize * accumulate));
    }
}
