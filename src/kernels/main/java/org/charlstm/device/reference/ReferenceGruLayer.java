package org.charlstm.device.reference;

import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * A GRU layer. Its tensors are the kernel (I, 3H), the recurrent kernel U (H, 3H) and the bias, whose 3H columns belong
 * to the gates z, r, h~ in this order, H columns each: update gate, reset gate and candidate, as in Keras. For step t
 * of sequence b, where h[-1] is the state before the first step and a = bias + x[t] kernel (3H):
 * <pre>
 * z    = s(a_z + h[t-1] U_z + ub_z)
 * r    = s(a_r + h[t-1] U_r + ub_r)
 * q    = h[t-1] U_h + ub_h,  h~ = tanh(a_h + r q)          with the reset after the product
 * h~   = tanh(a_h + (r h[t-1]) U_h)                        with the reset before it
 * h[t] = z h[t-1] + (1 - z) h~
 * </pre>
 * where s is the sigmoid or the hard sigmoid. With the reset after the product, the bias is (2, 3H), and its second row
 * is ub; with the reset before, the bias is (3H), and ub is zero.
 *
 * <p>The backward pass visits the steps in reverse and carries dh, the gradient that reaches h[t] through step t + 1.
 * da is the gradient of a, and du the gradient of the recurrent sums; only their candidate parts differ:
 * <pre>
 * dh_t = dy[t] + dh                                        dy[t] comes from the layer above
 * da_z = dh_t (h[t-1] - h~) s'(z),  da_h = dh_t (1 - z) (1 - h~^2)
 * after:   du_h = da_h r,  da_r = da_h q s'(r)
 *          dh = dh_t z + du U^T                            for step t - 1
 *          dU += h[t-1]^T du,  dub += du
 * before:  p = da_h U_h^T,  da_r = p h[t-1] s'(r)
 *          dh = dh_t z + p r + [da_z, da_r] [U_z, U_r]^T   for step t - 1
 *          dU_z, dU_r += h[t-1]^T [da_z, da_r],  dU_h += (r h[t-1])^T da_h
 * </pre>
 * Cho et al., "Learning phrase representations using RNN encoder-decoder" (2014), reset before the product; z and 1 - z
 * are as in Keras and cuDNN. cuDNN, PyTorch and Keras 3 reset after the product.
 */
final class ReferenceGruLayer extends ReferenceRnnLayer {
    private final RecurrentActivation activation;
    private final boolean resetAfter;
    /** The activated gates z, r and h~, and q = h[t-1] U_h + ub_h, which only the reset after the product needs. */
    private final double[] kept;

    ReferenceGruLayer(RecurrentCell.Gru cell, Rnn.Shape shape, int inputs, int offset) {
        super(shape, inputs, offset);
        activation = cell.gateActivation();
        resetAfter = cell.resetAfter();
        kept = ReferenceMatrix.doubles((long) steps * batch * 4 * units);
    }

    @Override
    void steps(double[] w, LayerInput input, @Nullable LayerState state, double[] h) {
        int H = units;
        int B = batch;
        int T = steps;
        double[] a = new double[3 * H];
        double[] u = new double[3 * H];
        double[] before = new double[H];
        double[] reset = new double[H];
        for (int t = 0; t < T; t++) {
            for (int b = 0; b < B; b++) {
                inputSums(w, input, t, b, a);
                for (int k = 0; k < H; k++) {
                    before[k] = hiddenBefore(h, t, b, k);
                }
                for (int j = 0; j < 3 * H; j++) {
                    u[j] = resetAfter ? w[bias + 3 * H + j] : 0;
                }
                addProduct(w, before, 0, resetAfter ? 3 * H : 2 * H, u);
                for (int k = 0; k < H; k++) {
                    reset[k] = before[k] * gate(activation, a[H + k] + u[H + k]);
                }
                if (!resetAfter) {
                    addProduct(w, reset, 2 * H, 3 * H, u);
                }
                for (int k = 0; k < H; k++) {
                    double z = gate(activation, a[k] + u[k]);
                    double r = gate(activation, a[H + k] + u[H + k]);
                    double q = u[2 * H + k];
                    double candidate = Math.tanh(a[2 * H + k] + (resetAfter ? r * q : q));
                    h[(t * B + b) * H + k] = z * before[k] + (1 - z) * candidate;
                    int at = (t * B + b) * 4 * H + k;
                    kept[at] = z;
                    kept[at + H] = r;
                    kept[at + 2 * H] = candidate;
                    kept[at + 3 * H] = q;
                }
            }
        }
    }

    /** Adds the product of a vector (H) and the columns {@code from} to before {@code to} of the recurrent kernel. */
    private void addProduct(double[] w, double[] vector, int from, int to, double[] sums) {
        int H = units;
        for (int k = 0; k < H; k++) {
            for (int j = from; j < to; j++) {
                sums[j] += vector[k] * w[recurrent + k * 3 * H + j];
            }
        }
    }

    @Override
    void stepsBack(double[] w, LayerInput input, double[] h, Gradients gradients, double[] dh) {
        int H = units;
        int B = batch;
        int T = steps;
        double[] dw = gradients.dw();
        double[] da = new double[3 * H];
        double[] du = new double[3 * H];
        double[] ofReset = new double[H];
        for (int t = T - 1; t >= 0; t--) {
            for (int b = 0; b < B; b++) {
                int at = (t * B + b) * 4 * H;
                for (int k = 0; k < H; k++) {
                    double z = kept[at + k];
                    double r = kept[at + H + k];
                    double candidate = kept[at + 2 * H + k];
                    double dhHere = gradients.dy()[(t * B + b) * H + k] + dh[b * H + k];
                    da[k] = dhHere * (hiddenBefore(h, t, b, k) - candidate) * slope(activation, z);
                    da[2 * H + k] = dhHere * (1 - z) * (1 - candidate * candidate);
                    dh[b * H + k] = dhHere * z;
                    du[2 * H + k] = resetAfter ? da[2 * H + k] * r : da[2 * H + k];
                }
                // p, the gradient of r h[t-1].
                for (int k = 0; k < H && !resetAfter; k++) {
                    ofReset[k] = 0;
                    for (int j = 2 * H; j < 3 * H; j++) {
                        ofReset[k] += da[j] * w[recurrent + k * 3 * H + j];
                    }
                }
                for (int k = 0; k < H; k++) {
                    double r = kept[at + H + k];
                    double dr = resetAfter ? da[2 * H + k] * kept[at + 3 * H + k]
                            : ofReset[k] * hiddenBefore(h, t, b, k);
                    da[H + k] = dr * slope(activation, r);
                    du[k] = da[k];
                    du[H + k] = da[H + k];
                    dh[b * H + k] += resetAfter ? 0 : ofReset[k] * r;
                }
                for (int k = 0; k < H; k++) {
                    double before = hiddenBefore(h, t, b, k);
                    double reset = before * kept[at + H + k];
                    for (int j = 0; j < 3 * H; j++) {
                        boolean product = resetAfter || j < 2 * H;
                        dh[b * H + k] += product ? du[j] * w[recurrent + k * 3 * H + j] : 0;
                        dw[recurrent + k * 3 * H + j] += (product ? before : reset) * du[j];
                    }
                }
                for (int j = 0; j < 3 * H && resetAfter; j++) {
                    dw[bias + 3 * H + j] += du[j];
                }
                inputGradients(w, input, t, b, da, gradients);
            }
        }
    }
}
