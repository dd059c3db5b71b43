package org.charlstm.device.reference;

import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * An Elman layer. Its tensors are the kernel (I, H), the recurrent kernel (H, H) and the bias (H), as in Keras'
 * SimpleRNN. For step t of sequence b, where h[-1] is the state before the first step and a is tanh or ReLU:
 * <pre>
 * h[t] = a(bias + x[t] kernel + h[t-1] recurrent_kernel)
 * </pre>
 * The backward pass visits the steps in reverse and carries dh, the gradient that reaches h[t] through step t + 1:
 * <pre>
 * dz  = (dy[t] + dh) a'                    a' is 1 - h[t]^2, or for ReLU 1 if h[t] > 0, else 0
 * dh  = dz recurrent_kernel^T              for step t - 1
 * drecurrent_kernel += h[t-1]^T dz
 * </pre>
 * The source is Elman, "Finding structure in time" (1990), with full backpropagation through time.
 */
final class ReferenceElmanLayer extends ReferenceRnnLayer {
    private final boolean relu;

    ReferenceElmanLayer(RecurrentCell.Elman cell, Rnn.Shape shape, int inputs, int offset) {
        super(shape, inputs, offset);
        relu = cell.activation() == Activation.RELU;
    }

    @Override
    void steps(double[] w, LayerInput input, @Nullable LayerState state, double[] h) {
        int H = units;
        int B = batch;
        int T = steps;
        double[] z = new double[H];
        for (int t = 0; t < T; t++) {
            for (int b = 0; b < B; b++) {
                inputSums(w, input, t, b, z);
                for (int k = 0; k < H; k++) {
                    double before = hiddenBefore(h, t, b, k);
                    for (int j = 0; j < H; j++) {
                        z[j] += before * w[recurrent + k * H + j];
                    }
                }
                for (int k = 0; k < H; k++) {
                    h[(t * B + b) * H + k] = relu ? Math.max(0, z[k]) : Math.tanh(z[k]);
                }
            }
        }
    }

    @Override
    void stepsBack(double[] w, LayerInput input, double[] h, Gradients gradients, double[] dh) {
        int H = units;
        int B = batch;
        int T = steps;
        double[] dw = gradients.dw();
        double[] dz = new double[H];
        for (int t = T - 1; t >= 0; t--) {
            for (int b = 0; b < B; b++) {
                for (int k = 0; k < H; k++) {
                    double value = h[(t * B + b) * H + k];
                    double slope = relu ? value > 0 ? 1 : 0 : 1 - value * value;
                    dz[k] = (gradients.dy()[(t * B + b) * H + k] + dh[b * H + k]) * slope;
                }
                for (int k = 0; k < H; k++) {
                    double before = hiddenBefore(h, t, b, k);
                    double sum = 0;
                    for (int j = 0; j < H; j++) {
                        sum += dz[j] * w[recurrent + k * H + j];
                        dw[recurrent + k * H + j] += before * dz[j];
                    }
                    dh[b * H + k] = sum;
                }
                inputGradients(w, input, t, b, dz, gradients);
            }
        }
    }
}
