package org.charlstm.device;

import java.util.List;

/**
 * Adam as its authors and PyTorch write it, algorithm 1 of Kingma and Ba, "Adam: a method for stochastic optimization"
 * (2015): m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, and in update t
 * w = w - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon). Keras adds its epsilon to sqrt(v) before that
 * is corrected, as if epsilon were 30 times larger in the first update and soon no more. It keeps the means m and v.
 *
 * <p>Weight decay is added to the gradient first, g = g + weightDecay w, or, decoupled, takes its part of the weight
 * itself, w = w - rate weightDecay w: that is AdamW, Loshchilov and Hutter, "Decoupled weight decay regularization"
 * (2019), as PyTorch and Keras have it.
 *
 * @param beta1       the decay of the mean gradients, from 0 to below 1
 * @param beta2       the decay of the mean squares, from 0 to below 1
 * @param epsilon     above 0
 * @param weightDecay 0 for none
 * @param decoupled   whether it is AdamW
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay, boolean decoupled)
        implements
            UpdateRule {
    /** Keras' and everybody's learning rate. */
    public static final double LEARNING_RATE = 0.001;
    /** Everybody's decay of the mean gradients. */
    public static final double BETA1 = 0.9;
    /** Everybody's decay of the mean squares. */
    public static final double BETA2 = 0.999;
    /** Keras' epsilon; PyTorch has 1e-8. */
    public static final double EPSILON = 1e-7;
    /** Keras' weight decay of AdamW; PyTorch has 0.01. */
    public static final double WEIGHT_DECAY = 0.004;
    /** With Keras' values. */
    public static final Adam KERAS = new Adam(BETA1, BETA2, EPSILON, 0, false);
    /** AdamW with Keras' values. */
    public static final Adam KERAS_W = new Adam(BETA1, BETA2, EPSILON, WEIGHT_DECAY, true);

    /** Refuses values with which weights would become NaN. */
    public Adam {
        RuleValues.requireFraction("beta1", beta1);
        RuleValues.requireFraction("beta2", beta2);
        RuleValues.requireEpsilon(epsilon);
        RuleValues.requireDecay(weightDecay);
    }

    @Override
    public List<String> states() {
        return List.of("mean", "mean_square");
    }

    /**
     * {@inheritDoc}
     *
     * @return rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t), and what of the weight goes: rate weightDecay where that is
     *         decoupled, else 0
     */
    @Override
    public double[] factors(double rate, long update) {
        return new double[] {rate / (1 - Math.pow(beta1, (double) update)),
            1 / Math.sqrt(1 - Math.pow(beta2, (double) update)),
            decoupled ? rate * weightDecay : 0};
    }

    /**
     * What of the weight is added to its gradient.
     *
     * @return 0 where the decay is decoupled
     */
    public double coupledDecay() {
        return decoupled ? 0 : weightDecay;
    }
}
