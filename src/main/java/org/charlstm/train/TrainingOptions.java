package org.charlstm.train;

import org.charlstm.device.RmsProp;
import org.charlstm.device.UpdateRule;

/**
 * How to train.
 *
 * @param batchSize    captions in a batch; the last batch of an epoch may be smaller
 * @param learningRate of every update
 * @param rule         how weights are changed by their gradients
 * @param clipNorm     above it the norm of the gradients is scaled down to it; infinity for never
 * @param seed         fixes the order of the captions
 * @param shuffle      whether each epoch has an order of its own, or that of the file
 */
public record TrainingOptions(int batchSize, double learningRate, UpdateRule rule, double clipNorm, long seed,
        boolean shuffle) {
    /** The lab's batch size. */
    public static final int BATCH_SIZE = 128;
    /** The lab's training. */
    public static final TrainingOptions DEFAULT = new TrainingOptions(BATCH_SIZE, RmsProp.LEARNING_RATE, 1, true);

    /**
     * Training with Keras 2's RMSprop and gradients as they are.
     *
     * @param batchSize    captions in a batch
     * @param learningRate of every update
     * @param seed         fixes the order of the captions
     * @param shuffle      whether each epoch has an order of its own
     */
    public TrainingOptions(int batchSize, double learningRate, long seed, boolean shuffle) {
        this(batchSize, learningRate, RmsProp.KERAS, Double.POSITIVE_INFINITY, seed, shuffle);
    }

    /** Refuses values that cannot train. */
    public TrainingOptions {
        if (batchSize < 1) {
            throw new IllegalArgumentException("the batch size is " + batchSize + "; it must be at least 1");
        }
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the learning rate is " + learningRate + "; it must be above 0");
        }
        if (!(clipNorm > 0)) {
            throw new IllegalArgumentException("the norm to clip at is " + clipNorm + "; it must be above 0");
        }
    }
}
