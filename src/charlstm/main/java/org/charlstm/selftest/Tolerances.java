package org.charlstm.selftest;

import org.charlstm.cuda.Precision;

/**
 * How far a device may be from the oracle, by the precision of its products; each as a share of the largest value that
 * the oracle has. All other checks must agree to the bit.
 *
 * @param lstm     a recurrent layer: errors of sigmoid and tanh grow over all steps, and cuDNN has its own functions
 * @param switched gradients where a model has a ReLU: a rounding may switch it, which moves a few elements far
 * @param model    a whole model's losses in training
 * @param weights  weights after ten steps: RMSprop makes steps of one size from gradients of any
 * @param draws    how far a uniform number may lie outside the interval that the oracle gives to the symbol drawn
 */
public record Tolerances(double operation, double lstm, double gradients, double switched, double model,
        double weights, double draws) {
    /** Products and sums in float32. */
    public static final Tolerances FLOAT32 = new Tolerances(2e-6, 1e-5, 2e-5, 2e-5, 1e-5, 1e-3, 1e-5);
    /** Factors rounded to 10 bits behind the point, sums in float32. */
    public static final Tolerances TF32 = new Tolerances(2e-3, 8e-3, 5e-3, 0.4, 1e-3, 0.5, 1e-2);
    /** Activations rounded to 7 bits behind the point, sums in float32. */
    public static final Tolerances BF16 = new Tolerances(2e-2, 6e-2, 5e-2, 0.4, 2e-3, 0.4, 1e-1);

    /** The tolerances of a device that computes in a precision. */
    public static Tolerances of(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> FLOAT32;
            case TF32 -> TF32;
            case BF16 -> BF16;
        };
    }
}
