package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * An LSTM layer. Its tensors are the kernel (I, 4H), the recurrent kernel (H, 4H) and the bias (4H), whose 4H columns
 * belong to the gates i, f, g, o in this order, H columns each: input gate, forget gate, candidate (c~) and output
 * gate, as in Keras. For step t of sequence b, where h[-1] and c[-1] are the state before the first step:
 * <pre>
 * z    = bias + x[t] kernel + h[t-1] recurrent_kernel      (4H)
 * i    = s(z_i),  f = s(z_f),  g = tanh(z_g),  o = s(z_o)  (H each)
 * c[t] = f c[t-1] + i g
 * h[t] = o tanh(c[t])
 * </pre>
 * where s is the sigmoid or the hard sigmoid, and products of vectors of H are element by element.
 *
 * <p>The backward pass visits the steps in reverse and carries dh and dc, the gradients that reach h[t] and c[t]
 * through step t + 1:
 * <pre>
 * dh_t = dy[t] + dh                                        dy[t] comes from the layer above
 * dc_t = dc + dh_t o (1 - tanh(c[t])^2)
 * dz_i = dc_t g s'(z_i),  dz_f = dc_t c[t-1] s'(z_f),  dz_g = dc_t i (1 - g^2),  dz_o = dh_t tanh(c[t]) s'(z_o)
 * dc   = dc_t f                                            for step t - 1
 * dh   = dz recurrent_kernel^T                             for step t - 1
 * drecurrent_kernel += h[t-1]^T dz
 * </pre>
 * The source is Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al. (2000)
 * and full backpropagation through time.
 */
final class ReferenceLstmLayer extends ReferenceRnnLayer {
    private final RecurrentActivation activation;
    /** The activated gates i, f, c~ and o: (T, B, 4H). */
    private final double[] gates;
    /** c before the first step and after each step: (T + 1, B, H). */
    private final double[] cells;

    ReferenceLstmLayer(RecurrentCell.Lstm cell, Rnn.Shape shape, int inputs, int offset) {
        super(shape, inputs, offset);
        activation = cell.gateActivation();
        gates = ReferenceMatrix.doubles((long) steps * batch * width);
        cells = ReferenceMatrix.doubles((steps + 1L) * batch * units);
    }

    @Override
    void steps(double[] w, LayerInput input, @Nullable LayerState state, double[] h) {
        int H = units;
        int B = batch;
        int T = steps;
        Arrays.fill(cells, 0, B * H, 0);
        if (state != null) {
            System.arraycopy(state.c(), state.at(), cells, 0, B * H);
        }
        double[] z = new double[4 * H];
        for (int t = 0; t < T; t++) {
            for (int b = 0; b < B; b++) {
                inputSums(w, input, t, b, z);
                for (int k = 0; k < H; k++) {
                    double before = hiddenBefore(h, t, b, k);
                    for (int j = 0; j < 4 * H; j++) {
                        z[j] += before * w[recurrent + k * 4 * H + j];
                    }
                }
                for (int k = 0; k < H; k++) {
                    double i = gate(activation, z[k]);
                    double f = gate(activation, z[H + k]);
                    double g = Math.tanh(z[2 * H + k]);
                    double o = gate(activation, z[3 * H + k]);
                    double c = f * cells[(t * B + b) * H + k] + i * g;
                    cells[((t + 1) * B + b) * H + k] = c;
                    h[(t * B + b) * H + k] = o * Math.tanh(c);
                    int at = (t * B + b) * 4 * H + k;
                    gates[at] = i;
                    gates[at + H] = f;
                    gates[at + 2 * H] = g;
                    gates[at + 3 * H] = o;
                }
            }
        }
        if (state != null) {
            System.arraycopy(cells, T * B * H, state.c(), state.at(), B * H);
        }
    }

    @Override
    void stepsBack(double[] w, LayerInput input, double[] h, Gradients gradients, double[] dh) {
        int H = units;
        int B = batch;
        int T = steps;
        double[] dw = gradients.dw();
        double[] dc = new double[B * H];
        double[] dz = new double[4 * H];
        for (int t = T - 1; t >= 0; t--) {
            for (int b = 0; b < B; b++) {
                for (int k = 0; k < H; k++) {
                    int at = (t * B + b) * 4 * H + k;
                    double i = gates[at];
                    double f = gates[at + H];
                    double g = gates[at + 2 * H];
                    double o = gates[at + 3 * H];
                    double tanhC = Math.tanh(cells[((t + 1) * B + b) * H + k]);
                    double dhHere = gradients.dy()[(t * B + b) * H + k] + dh[b * H + k];
                    double dcHere = dc[b * H + k] + dhHere * o * (1 - tanhC * tanhC);
                    dz[k] = dcHere * g * slope(activation, i);
                    dz[H + k] = dcHere * cells[(t * B + b) * H + k] * slope(activation, f);
                    dz[2 * H + k] = dcHere * i * (1 - g * g);
                    dz[3 * H + k] = dhHere * tanhC * slope(activation, o);
                    dc[b * H + k] = dcHere * f;
                }
                for (int k = 0; k < H; k++) {
                    double before = hiddenBefore(h, t, b, k);
                    double sum = 0;
                    for (int j = 0; j < 4 * H; j++) {
                        sum += dz[j] * w[recurrent + k * 4 * H + j];
                        dw[recurrent + k * 4 * H + j] += before * dz[j];
                    }
                    dh[b * H + k] = sum;
                }
                inputGradients(w, input, t, b, dz, gradients);
            }
        }
        if (gradients.state() != null) {
            System.arraycopy(dc, 0, gradients.state().c(), gradients.state().at(), B * H);
        }
    }
}
