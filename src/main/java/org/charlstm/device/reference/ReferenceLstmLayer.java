package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/** One LSTM layer in plain loops; every index is written out. Its input is ids, or numbers. */
final class ReferenceLstmLayer {
    private final Lstm.Shape shape;
    /** Columns of the input: V for ids, I of a matrix, H from a layer below. */
    private final int inputs;
    private final int kernel;
    private final int recurrent;
    private final int bias;
    /** The activated gates i, f, c~, o: (T, B, 4H). */
    private final double[] gates;
    /** The cells with the state before the first step in front: (T + 1, B, H). */
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

    /** The element behind the layer's last weight. */
    int end() {
        return bias + 4 * shape.hidden();
    }

    /** Takes ids (T B) or x (T B, I), the other null; h and c of the state lie from {@code stateAt} on. */
    void forward(double[] w, int @Nullable [] ids, double @Nullable [] x, double @Nullable [] hidden,
            double @Nullable [] cell, int stateAt, double[] h) {
        int H = shape.hidden();
        int B = shape.batch();
        int T = shape.steps();
        if (hidden == null || cell == null) {
            Arrays.fill(firstHidden, 0);
            Arrays.fill(cells, 0, B * H, 0);
        } else {
            System.arraycopy(hidden, stateAt, firstHidden, 0, B * H);
            System.arraycopy(cell, stateAt, cells, 0, B * H);
        }
        double[] z = new double[4 * H];
        for (int t = 0; t < T; t++) {
            for (int b = 0; b < B; b++) {
                for (int j = 0; j < 4 * H; j++) {
                    z[j] = w[bias + j] + (ids == null ? 0 : w[kernel + ids[t * B + b] * 4 * H + j]);
                }
                for (int k = 0; x != null && k < inputs; k++) {
                    double input = x[(t * B + b) * inputs + k];
                    for (int j = 0; j < 4 * H; j++) {
                        z[j] += input * w[kernel + k * 4 * H + j];
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
        if (hidden != null && cell != null) {
            System.arraycopy(h, (T - 1) * B * H, hidden, stateAt, B * H);
            System.arraycopy(cells, T * B * H, cell, stateAt, B * H);
        }
    }

    /**
     * Takes what forward took and dL/dh, and gives dL/dx unless the input is ids, and from {@code stateAt} on the
     * gradients of the state before the first step unless they are null.
     */
    void backward(double[] w, int @Nullable [] ids, double @Nullable [] x, double[] h, double[] dy, double[] dw,
            double @Nullable [] dx, double @Nullable [] hidden, double @Nullable [] cell, int stateAt) {
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
        if (hidden != null && cell != null) {
            System.arraycopy(dh, 0, hidden, stateAt, B * H);
            System.arraycopy(dc, 0, cell, stateAt, B * H);
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

    /** The gate's derivative, by its value. */
    private double slope(double gate) {
        return switch (shape.layers().recurrentActivation()) {
            case SIGMOID -> gate * (1 - gate);
            case HARD_SIGMOID -> gate > 0 && gate < 1 ? 0.2 : 0;
        };
    }
}
