package org.charlstm.device;

import java.util.List;

/**
 * RMSprop as Keras 1 and 2 and PyTorch write it, with the epsilon outside the root:
 * a = decay a + (1 - decay) g^2, w = w - rate g / (sqrt(a) + epsilon). Hinton, "Neural networks for machine learning",
 * lecture 6e (2012). It keeps the running means a.
 *
 * @param decay       of the running means (rho), usually 0.9
 * @param epsilon     usually 1e-7
 * @param weightDecay what of the weight is added to its gradient first, g = g + weightDecay w; 0 for none
 */
public record RmsProp(double decay, double epsilon, double weightDecay) implements UpdateRule {
    /** Keras' learning rate. */
    public static final double LEARNING_RATE = 0.001;
    /** Keras' decay of the running mean. */
    public static final double DECAY = 0.9;
    /** Keras 2's epsilon. */
    public static final double EPSILON = 1e-7;
    /** Keras 2's. */
    public static final RmsProp KERAS = new RmsProp(DECAY, EPSILON, 0);

    /** Refuses values with which weights would become NaN. */
    public RmsProp {
        RuleValues.requireFraction("decay", decay);
        RuleValues.requireEpsilon(epsilon);
        RuleValues.requireDecay(weightDecay);
    }

    @Override
    public List<String> states() {
        return List.of("mean_square");
    }

    @Override
    public double[] factors(double rate, long update) {
        return new double[] {rate};
    }
}
