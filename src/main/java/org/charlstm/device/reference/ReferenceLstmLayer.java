package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/**
 * One LSTM layer; every index is written out. Its tensors are the kernel (I, 4H), the recurrent kernel (H, 4H) and the
 * bias (4H), whose 4H columns belong to the gates i, f, g, o in this order, H columns each: input gate, forget gate,
 * candidate (c~) and output gate, as in Keras. For step t of sequence b, with h[-1] and c[-1] the state before the
 * first step:
 * <pre>
 * z    = bias + x[t] kernel + h[t-1] recurrent_kernel      (4H)
 * i    = s(z_i),  f = s(z_f),  g = tanh(z_g),  o = s(z_o)  (H each)
 * c[t] = f c[t-1] + i g
 * h[t] = o tanh(c[t])
 * </pre>
 * where s is the sigmoid or the hard sigmoid, and products of vectors of H are element by element. An id as input
 * selects a row of the kernel in place of x[t] kernel.
 *
 * <p>Backward goes through the steps in reverse and carries dh and dc, the gradients that reach h[t] and c[t] through
 * step t + 1:
 * <pre>
 * dh_t = dy[t] + dh                                        dy[t] is what the layer above gives
 * dc_t = dc + dh_t o (1 - tanh(c[t])^2)
 * dz_i = dc_t g s'(z_i),  dz_f = dc_t c[t-1] s'(z_f),  dz_g = dc_t i (1 - g^2),  dz_o = dh_t tanh(c[t]) s'(z_o)
 * dc   = dc_t f                                            for step t - 1
 * dh   = dz recurrent_kernel^T                             for step t - 1
 * dx[t]             = dz kernel^T
 * dkernel           += x[t]^T dz
 * drecurrent_kernel += h[t-1]^T dz
 * dbias             += dz
 * </pre>
 * This is Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al. (2000) and
 * full backpropagation through time.
 */
final class ReferenceLstmLayer {
    private final Lstm.Shape shape;
    /** Columns of the input: V for ids, I of a matrix, H from a layer below. */
    private final int inputs;
    private final int kernel;
    private final int recurrent;
    private final int bias;
    /** The activated gates i, f, c~, o: (T, B, 4H). */
    private final double[] gates;
    /** c before the first step and after each: (T + 1, B, H). */
    private final double[] cells;
    /** h before the first step: (B, H). */
    private final double[] firstHidden;

    ReferenceLstmLayer(Lstm.Shape shape, int inputs, int offset) {
        this.shape = shape;
        this.inputs = inputs;
        int width = 4 * shape.hidden();
        kernel = offset;
        recurrent = kernel + inputs * width;
        bias = recurrent + shape.hidden() * width;
        gates = ReferenceMatrix.doubles((long) shape.steps() * shape.batch() * width);
        cells = ReferenceMatrix.doubles((shape.steps() + 1L) * shape.batch() * shape.hidden());
        firstHidden = new double[shape.batch() * shape.hidden()];
    }

    /** The index after the layer's last weight. */
    int end() {
        return bias + 4 * shape.hidden();
    }

    /**
     * The input at all steps: ids or numbers, the other is null.
     *
     * @param ids (T B)
     * @param x   (T B, I)
     */
    record LayerInput(int @Nullable [] ids, double @Nullable [] x) {
    }

    /**
     * The states of all layers, or the gradients of these: h and c, (L B, H) each.
     *
     * @param at where those of this layer begin, (B, H)
     */
    record LayerState(double[] h, double[] c, int at) {
    }

    /**
     * The gradients of a backward pass.
     *
     * @param dy    dL/dh (T B, H), given by the layer above
     * @param dw    receives those of the weights
     * @param dx    receives dL/dx (T B, I); null if not wanted, as for ids
     * @param state receives those of h and c before the first step; null if not wanted
     */
    record Gradients(double[] dy, double[] dw, double @Nullable [] dx, @Nullable LayerState state) {
    }

    /**
     * Computes h (T B, H).
     *
     * @param state holds h and c before the first step, and receives those after the last; null for zeros
     */
    void forward(double[] w, LayerInput input, @Nullable LayerState state, double[] h) {
        int @Nullable [] ids = input.ids;
        double @Nullable [] x = input.x;
        int H = shape.hidden();
        int B = shape.batch();
        int T = shape.steps();
        if (state == null) {
            Arrays.fill(firstHidden, 0);
            Arrays.fill(cells, 0, B * H, 0);
        } else {
            System.arraycopy(state.h, state.at, firstHidden, 0, B * H);
            System.arraycopy(state.c, state.at, cells, 0, B * H);
        }
        double[] z = new double[4 * H];
        for (int t = 0; t < T; t++) {
            for (int b = 0; b < B; b++) {
                for (int j = 0; j < 4 * H; j++) {
                    z[j] = w[bias + j] + (ids == null ? 0 : w[kernel + ids[t * B + b] * 4 * H + j]);
                }
                for (int k = 0; x != null && k < inputs; k++) {
                    double value = x[(t * B + b) * inputs + k];
                    for (int j = 0; j < 4 * H; j++) {
                        z[j] += value * w[kernel + k * 4 * H + j];
                    }
                }
                for (int k = 0; k < H; k++) {
                    double before = hiddenBefore(h, t, b, k);
                    for (int j = 0; j < 4 * H; j++) {
                        z[j] += before * w[recurrent + k * 4 * H + j];
                    }
                }
                for (int k = 0; k < H; k++) {
                    double i = gate(z[k]);
                    double f = gate(z[H + k]);
                    double g = Math.tanh(z[2 * H + k]);
                    double o = gate(z[3 * H + k]);
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
            System.arraycopy(h, (T - 1) * B * H, state.h, state.at, B * H);
            System.arraycopy(cells, T * B * H, state.c, state.at, B * H);
        }
    }

    /** Computes the gradients after {@link #forward}, from the same weights and input and its h. */
    void backward(double[] w, LayerInput input, double[] h, Gradients gradients) {
        int @Nullable [] ids = input.ids;
        double @Nullable [] x = input.x;
        double[] dy = gradients.dy;
        double[] dw = gradients.dw;
        double @Nullable [] dx = gradients.dx;
        int H = shape.hidden();
        int B = shape.batch();
        int T = shape.steps();
        Arrays.fill(dw, kernel, bias + 4 * H, 0);
        double[] dh = new double[B * H];
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
                    double dhHere = dy[(t * B + b) * H + k] + dh[b * H + k];
                    double dcHere = dc[b * H + k] + dhHere * o * (1 - tanhC * tanhC);
                    dz[k] = dcHere * g * slope(i);
                    dz[H + k] = dcHere * cells[(t * B + b) * H + k] * slope(f);
                    dz[2 * H + k] = dcHere * i * (1 - g * g);
                    dz[3 * H + k] = dhHere * tanhC * slope(o);
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
                for (int j = 0; j < 4 * H; j++) {
                    dw[bias + j] += dz[j];
                    if (ids != null) {
                        dw[kernel + ids[t * B + b] * 4 * H + j] += dz[j];
                    }
                }
                for (int k = 0; x != null && dx != null && k < inputs; k++) {
                    double sum = 0;
                    for (int j = 0; j < 4 * H; j++) {
                        sum += dz[j] * w[kernel + k * 4 * H + j];
                        dw[kernel + k * 4 * H + j] += x[(t * B + b) * inputs + k] * dz[j];
                    }
                    dx[(t * B + b) * inputs + k] = sum;
                }
            }
        }
        if (gradients.state != null) {
            System.arraycopy(dh, 0, gradients.state.h, gradients.state.at, B * H);
            System.arraycopy(dc, 0, gradients.state.c, gradients.state.at, B * H);
        }
    }

    private double hiddenBefore(double[] h, int t, int b, int k) {
        return t == 0 ? firstHidden[b * shape.hidden() + k] : h[((t - 1) * shape.batch() + b) * shape.hidden() + k];
    }

    private double gate(double z) {
        return switch (shape.layers().recurrentActivation()) {
            case SIGMOID -> 1 / (1 + Math.exp(-z));
            case HARD_SIGMOID -> Math.clamp(0.2 * z + 0.5, 0, 1);
        };
    }

    /** The derivative of a gate with respect to its z, computed from the gate's value. */
    private double slope(double gate) {
        return switch (shape.layers().recurrentActivation()) {
            case SIGMOID -> gate * (1 - gate);
            case HARD_SIGMOID -> gate > 0 && gate < 1 ? 0.2 : 0;
        };
    }
}
