package org.charlstm.selftest;

import org.charlstm.cuda.Precision;

/**
 * The largest differences between a device and the oracle, by the precision of the device's products; each is a share
 * of the oracle's largest value. All other checks must agree to the bit.
 *
 * <p>Let u be half the distance from 1 to the next number of a precision's factors: 2<sup>-24</sup>, 2<sup>-11</sup>,
 * 2<sup>-8</sup>. A sum of k products with factors of size s and independent roundings has an error of about
 * &radic;(2k) u s&sup2;, and the largest of many such sums is about 4 &radic;k s&sup2;: the share is u/3. An operation
 * gets about ten times this share, 4 u, because its activation and its output are rounded too. In float32, sums round
 * as much as factors, once for each of up to 512 terms, so the share is eight times as large: 32 u.
 *
 * <p>A recurrent layer passes an error from step to step, multiplied by a gate. With gates around a half, as in the
 * checks, the errors of about sixteen previous steps matter. These errors are independent, so they grow with the root
 * of their number: the tolerance is an operation's times 1 + &radic;(steps &times; layers), at most 1 + &radic;16.
 *
 * <p>The other tolerances are at least three times the differences measured on processors and on the simulated GPU.
 *
 * @param lstm     a recurrent layer over at least sixteen steps; fewer steps have a {@link #share} of this
 * @param switched gradients of a model with a ReLU: rounding may switch the ReLU, which changes a few elements much
 * @param model    a whole model's losses in training
 * @param weights  weights after ten steps: RMSprop makes steps of equal size from gradients of any size
 * @param draws    how far a uniform number may lie outside the oracle's interval for the drawn symbol
 */
public record Tolerances(double operation, double lstm, double gradients, double switched, double model,
        double weights, double draws) {
    private static final int STEPS_THAT_COUNT = 16;

    /** Products and sums in float32. */
    public static final Tolerances FLOAT32 = of(32 * 0x1p-24, 2e-5, 2e-5, 1e-5, 1e-3, 1e-5);
    /** Factors rounded to 10 fraction bits, sums in float32. */
    public static final Tolerances TF32 = of(4 * 0x1p-11, 5e-3, 0.4, 1e-3, 0.5, 1e-2);
    /** Activations rounded to 7 fraction bits, sums in float32. */
    public static final Tolerances BF16 = of(4 * 0x1p-8, 5e-2, 0.4, 2e-3, 0.4, 1e-1);

    private static Tolerances of(double operation, double gradients, double switched, double model, double weights,
            double draws) {
        return new Tolerances(operation, operation * growth(STEPS_THAT_COUNT), gradients, switched, model, weights,
                draws);
    }

    private static double growth(int steps) {
        return 1 + Math.sqrt(Math.min(steps, STEPS_THAT_COUNT));
    }

    /** The share of {@link #lstm} for a number of steps, counted in all layers together. */
    static double share(int steps) {
        return growth(steps) / growth(STEPS_THAT_COUNT);
    }

    /** The tolerances of a device that computes in a precision. */
    public static Tolerances of(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> FLOAT32;
            case TF32 -> TF32;
            case BF16 -> BF16;
        };
    }
}
