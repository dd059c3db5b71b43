package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * One recurrent layer: the offsets of its tensors, and the computation on the input that all cells share. Each cell has
 * a class with its steps, in which every index is written out.
 *
 * <p>Each step begins the gates' sums with the input's share, z = bias + x[t] kernel; for an id, a row of the kernel
 * replaces the product. In the backward pass, dz gives
 * <pre>
 * dx[t]   = dz kernel^T
 * dkernel += x[t]^T dz
 * dbias   += dz
 * </pre>
 */
abstract class ReferenceRnnLayer {
    /** H, B and T. */
    final int units;
    final int batch;
    final int steps;
    /** The number of columns of all gates. */
    final int width;
    /** The number of columns of the input: V for ids, I for a matrix, H for the output of a layer below. */
    private final int inputs;
    private final int kernel;
    /** The offsets of the recurrent kernel and of the bias in the flat weights. */
    final int recurrent;
    final int bias;
    private final int end;
    /** h before the first step: (B, H). */
    private final double[] firstHidden;

    ReferenceRnnLayer(Rnn.Shape shape, int inputs, int offset) {
        RecurrentCell cell = shape.layers().cell();
        this.inputs = inputs;
        units = shape.hidden();
        batch = shape.batch();
        steps = shape.steps();
        width = shape.layers().width();
        kernel = offset;
        recurrent = kernel + inputs * width;
        bias = recurrent + units * width;
        end = bias + cell.biasRows() * width;
        firstHidden = new double[batch * units];
    }

    /** The layer of a cell. */
    static ReferenceRnnLayer of(Rnn.Shape shape, int inputs, int offset) {
        return switch (shape.layers().cell()) {
            case RecurrentCell.Lstm lstm -> new ReferenceLstmLayer(lstm, shape, inputs, offset);
            case RecurrentCell.Gru gru -> new ReferenceGruLayer(gru, shape, inputs, offset);
            case RecurrentCell.Elman elman -> new ReferenceElmanLayer(elman, shape, inputs, offset);
        };
    }

    /** The index after the layer's last weight. */
    final int end() {
        return end;
    }

    /**
     * The input at all steps, ids or vectors; the other component is null.
     *
     * @param ids (T B)
     * @param x   (T B, I)
     */
    record LayerInput(int @Nullable [] ids, double @Nullable [] x) {
    }

    /**
     * The states of all layers, or their gradients: h and c, (L B, H) each.
     *
     * @param c  empty if the cell has none
     * @param at where the values of this layer begin, (B, H)
     */
    record LayerState(double[] h, double[] c, int at) {
    }

    /**
     * The gradients of a backward pass.
     *
     * @param dy    dL/dh (T B, H), from the layer above
     * @param dw    receives the gradients of the weights
     * @param dx    receives dL/dx (T B, I); null if not wanted, as for ids
     * @param state receives the gradients of the state before the first step; null if not wanted
     */
    record Gradients(double[] dy, double[] dw, double @Nullable [] dx, @Nullable LayerState state) {
    }

    /**
     * Computes h (T B, H).
     *
     * @param state holds the state before the first step, and receives the state after the last step; null for zeros
     */
    final void forward(double[] w, LayerInput input, @Nullable LayerState state, double[] h) {
        Arrays.fill(firstHidden, 0);
        if (state != null) {
            System.arraycopy(state.h, state.at, firstHidden, 0, batch * units);
        }
        steps(w, input, state, h);
        if (state != null) {
            System.arraycopy(h, (steps - 1) * batch * units, state.h, state.at, batch * units);
        }
    }

    /** Computes the gradients after {@link #forward}, from the same weights and input and from the h of that pass. */
    final void backward(double[] w, LayerInput input, double[] h, Gradients gradients) {
        Arrays.fill(gradients.dw, kernel, end, 0);
        double[] dh = new double[batch * units];
        stepsBack(w, input, h, gradients, dh);
        if (gradients.state != null) {
            System.arraycopy(dh, 0, gradients.state.h, gradients.state.at, batch * units);
        }
    }

    /** Computes all steps. The caller copies the state's h. */
    abstract void steps(double[] w, LayerInput input, @Nullable LayerState state, double[] h);

    /**
     * Back-propagates through all steps.
     *
     * @param dh (B, H), zeros; receives dL/dh of the state before the first step
     */
    abstract void stepsBack(double[] w, LayerInput input, double[] h, Gradients gradients, double[] dh);

    /** z = bias + x[t] kernel. */
    final void inputSums(double[] w, LayerInput input, int t, int b, double[] z) {
        int row = t * batch + b;
        for (int j = 0; j < width; j++) {
            z[j] = w[bias + j] + (input.ids == null ? 0 : w[kernel + input.ids[row] * width + j]);
        }
        for (int k = 0; input.x != null && k < inputs; k++) {
            double value = input.x[row * inputs + k];
            for (int j = 0; j < width; j++) {
                z[j] += value * w[kernel + k * width + j];
            }
        }
    }

    /** Adds the share of dz to the gradients of kernel and bias, and writes the gradient of the input. */
    final void inputGradients(double[] w, LayerInput input, int t, int b, double[] dz, Gradients gradients) {
        double[] dw = gradients.dw;
        int row = t * batch + b;
        for (int j = 0; j < width; j++) {
            dw[bias + j] += dz[j];
            if (input.ids != null) {
                dw[kernel + input.ids[row] * width + j] += dz[j];
            }
        }
        for (int k = 0; input.x != null && gradients.dx != null && k < inputs; k++) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                sum += dz[j] * w[kernel + k * width + j];
                dw[kernel + k * width + j] += input.x[row * inputs + k] * dz[j];
            }
            gradients.dx[row * inputs + k] = sum;
        }
    }

    /** h[t-1] of a unit. */
    final double hiddenBefore(double[] h, int t, int b, int k) {
        return t == 0 ? firstHidden[b * units + k] : h[((t - 1) * batch + b) * units + k];
    }

    /** The value of a gate from its sum z. */
    static double gate(RecurrentActivation activation, double z) {
        return switch (activation) {
            case SIGMOID -> 1 / (1 + Math.exp(-z));
            case HARD_SIGMOID -> Math.clamp(0.2 * z + 0.5, 0, 1);
        };
    }

    /** The derivative of a gate with respect to its z, computed from the gate's value. */
    static double slope(RecurrentActivation activation, double gate) {
        return switch (activation) {
            case SIGMOID -> gate * (1 - gate);
            case HARD_SIGMOID -> gate > 0 && gate < 1 ? 0.2 : 0;
        };
    }
}
