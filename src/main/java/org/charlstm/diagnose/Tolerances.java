package org.charlstm.diagnose;

/**
 * How far a device may be from the oracle, by the precision of its products; each as a share of the largest value that
 * the oracle has. What has no place here must agree to the bit.
 *
 * @param operation     what one operation gives
 * @param lstmGradients the LSTM's gradients, which are sums over all time steps of errors that grow
 * @param model         a whole model's loss and gradients, and its losses in training
 * @param weights       weights after ten steps: RMSprop makes steps of one size from gradients of any
 * @param draws         how far a uniform number may lie outside what the oracle gives the symbol that was drawn for it
 */
public record Tolerances(double operation, double lstmGradients, double model, double weights, double draws) {
    /** Products and sums in float32. */
    public static final Tolerances FLOAT32 = new Tolerances(2e-6, 8e-6, 1e-5, 1e-3, 1e-5);
}
