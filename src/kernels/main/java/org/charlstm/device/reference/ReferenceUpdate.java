package org.charlstm.device.reference;

import java.util.List;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.UpdateRule.Adam;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.UpdateRule.Sgd;

/**
 * The update rules, element by element: weight w, gradient g, and the states that the rule keeps. {@link UpdateRule}'s
 * records give the formulas and their sources; each loop below computes one formula. Weights beyond the number of
 * gradients are not trained and stay.
 */
final class ReferenceUpdate {
    /** The update's factors begin at {@code at}; {@link UpdateRule#factors} defines them. */
    static void run(UpdateRule rule, double[] weights, double[] gradients, List<double[]> states, double[] factors,
            int at) {
        switch (rule) {
            case RmsProp asked -> rmsProp(asked, weights, gradients, states.getFirst(), factors[at]);
            case Sgd asked when states.isEmpty() -> sgd(asked, weights, gradients, factors[at]);
            case Sgd asked -> momentum(asked, weights, gradients, states.getFirst(), factors[at]);
            case Adam asked -> adam(asked, weights, gradients, states.get(0), states.get(1), factors, at);
        }
    }

    private static void rmsProp(RmsProp rule, double[] weights, double[] gradients, double[] meanSquares, double rate) {
        for (int i = 0; i < gradients.length; i++) {
            double g = gradients[i] + rule.weightDecay() * weights[i];
            meanSquares[i] = rule.decay() * meanSquares[i] + (1 - rule.decay()) * g * g;
            weights[i] -= rate * g / (Math.sqrt(meanSquares[i]) + rule.epsilon());
        }
    }

    private static void sgd(Sgd rule, double[] weights, double[] gradients, double rate) {
        for (int i = 0; i < gradients.length; i++) {
            weights[i] -= rate * (gradients[i] + rule.weightDecay() * weights[i]);
        }
    }

    private static void momentum(Sgd rule, double[] weights, double[] gradients, double[] velocities, double rate) {
        for (int i = 0; i < gradients.length; i++) {
            double g = gradients[i] + rule.weightDecay() * weights[i];
            velocities[i] = rule.momentum() * velocities[i] + g;
            weights[i] -= rate * (rule.nesterov() ? g + rule.momentum() * velocities[i] : velocities[i]);
        }
    }

    private static void adam(Adam rule, double[] weights, double[] gradients, double[] means, double[] meanSquares,
            double[] factors, int at) {
        for (int i = 0; i < gradients.length; i++) {
            double g = gradients[i] + rule.coupledDecay() * weights[i];
            means[i] = rule.beta1() * means[i] + (1 - rule.beta1()) * g;
            meanSquares[i] = rule.beta2() * meanSquares[i] + (1 - rule.beta2()) * g * g;
            double root = Math.sqrt(meanSquares[i]) * factors[at + 1];
            weights[i] -= factors[at + 2] * weights[i] + factors[at] * means[i] / (root + rule.epsilon());
        }
    }
}
