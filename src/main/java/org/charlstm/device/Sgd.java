package org.charlstm.device;

import java.util.List;

/**
 * Stochastic gradient descent, with momentum if that is above 0, as PyTorch writes it, with the rate outside the
 * velocity: v = momentum v + g, w = w - rate v; with Nesterov's momentum w = w - rate (g + momentum v). At a rate that
 * never changes that is Keras' too. Sutskever et al., "On the importance of initialization and momentum in deep
 * learning" (2013). It keeps the velocities v, without momentum nothing.
 *
 * @param momentum    from 0 to below 1
 * @param nesterov    whether the gradient is that where the velocity leads; only with momentum
 * @param weightDecay what of the weight is added to its gradient first, g = g + weightDecay w; 0 for none
 */
public record Sgd(double momentum, boolean nesterov, double weightDecay) implements UpdateRule {
    /** Keras' learning rate. */
    public static final double LEARNING_RATE = 0.01;
    /** Keras': plain, without momentum. */
    public static final Sgd KERAS = new Sgd(0, false, 0);

    /** Refuses values with which weights would grow without bounds. */
    public Sgd {
        RuleValues.requireFraction("momentum", momentum);
        RuleValues.requireDecay(weightDecay);
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException("Nesterov's momentum is asked for with a momentum of 0");
        }
    }

    @Override
    public List<String> states() {
        return momentum == 0 ? List.of() : List.of("velocity");
    }

    @Override
    public double[] factors(double rate, long update) {
        return new double[] {rate};
    }
}
