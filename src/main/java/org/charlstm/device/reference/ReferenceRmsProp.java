package org.charlstm.device.reference;

import org.charlstm.device.RmsProp;

/** RMSprop in a plain loop. */
final class ReferenceRmsProp {
    private ReferenceRmsProp() {
    }

    static void run(RmsProp rule, double[] weights, double[] gradients, double[] meanSquares, double rate) {
        for (int i = 0; i < weights.length; i++) {
            double g = gradients[i];
            meanSquares[i] = rule.decay() * meanSquares[i] + (1 - rule.decay()) * g * g;
            weights[i] -= rate * g / (Math.sqrt(meanSquares[i]) + rule.epsilon());
        }
    }
}
