package org.charlstm.device.reference;

/** RMSprop in a plain loop. */
final class ReferenceRmsProp {
    private ReferenceRmsProp() {
    }

    static void run(double[] weights, double[] gradients, double[] meanSquares, double rate, double decay,
            double epsilon) {
        for (int i = 0; i < weights.length; i++) {
            double g = gradients[i];
            meanSquares[i] = decay * meanSquares[i] + (1 - decay) * g * g;
            weights[i] -= rate * g / (Math.sqrt(meanSquares[i]) + epsilon);
        }
    }
}
