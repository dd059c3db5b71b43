package org.charlstm.selftest;

import org.charlstm.cuda.Precision;

/**
 * How far a device may be from the oracle, by the precision of its products; each as a share of the largest value that
 * the oracle has. All other checks must agree to the bit.
 *
 * <p>Let u be half the distance from 1 to the next number of a precision's factors: 2<sup>-24</sup>, 2<sup>-11</sup>,
 * 2<sup>-8</sup>. A sum of k products with factors of size s and roundings that know nothing of each other is off by
 * about &radic;(2k) u s&sup2;, and the largest of many such sums is about 4 &radic;k s&sup2;: a share of u/3. An
 * operation has ten times that, for its activation and its output, which are rounded too: 4 u. In float32 the sums
 * round as much as the factors, once for each of up to 512 terms, and the share is eight times as large: 32 u.
 *
 * <p>A recurrent layer passes an error on from step to step, times a gate. At gates around a half, as the checks have,
 * the errors of some sixteen steps before count, and as they are unlike each other, by the root of their number: an
 * operation's tolerance times 1 + &radic;(steps &times; layers), at most 1 + &radic;16.
 *
 * <p>The others are measured, on processors and on the simulated GPU, with room of at least three times.
 *
 * @param lstm     a recurrent layer over as many steps as count, or more; over fewer, {@link #share} of it
 * @param switched gradients where a model has a ReLU: a rounding may switch it, which moves a few elements far
 * @param model    a whole model's losses in training
 * @param weights  weights after ten steps: RMSprop makes steps of one size from gradients of any
 * @param draws    how far a uniform number may lie outside the interval that the oracle gives to the symbol drawn
 */
public record Tolerances(double operation, double lstm, double gradients, double switched, double model,
        double weights, double draws) {
    private static final int STEPS_THAT_COUNT = 16;

    /** Products and sums in float32. */
    public static final Tolerances FLOAT32 = of(32 * 0x1p-24, 2e-5, 2e-5, 1e-5, 1e-3, 1e-5);
    /** Factors rounded to 10 bits behind the point, sums in float32. */
    public static final Tolerances TF32 = of(4 * 0x1p-11, 5e-3, 0.4, 1e-3, 0.5, 1e-2);
    /** Activations rounded to 7 bits behind the point, sums in float32. */
    public static final Tolerances BF16 = of(4 * 0x1p-8, 5e-2, 0.4, 2e-3, 0.4, 1e-1);

    private static Tolerances of(double operation, double gradients, double switched, double model, double weights,
            double draws) {
        return new Tolerances(operation, operation * growth(STEPS_THAT_COUNT), gradients, switched, model, weights,
                draws);
    }

    private static double growth(int steps) {
        return 1 + Math.sqrt(Math.min(steps, STEPS_THAT_COUNT));
    }

    /** The share of {@link #lstm} that a recurrent layer has over so many steps, in all its layers together. */
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
