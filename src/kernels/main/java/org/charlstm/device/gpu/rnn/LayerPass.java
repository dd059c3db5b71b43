package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.gpu.tools.GpuView;

/**
 * A layer's values in device memory during a pass over its steps: what a {@link Recurrence} reads and writes. The
 * factors are the weights in the type of factors, or with interleaved gates, where products and kernels need that.
 */
record LayerPass(Tensors weights, Tensors factors, Input input, State first, Output output, int batch) {
    /** A layer's tensors, or their gradients: (I,G H), (H,G H), (1,G H), or (2,G H) with biases of recurrent sums. */
    record Tensors(GpuView kernel, GpuView recurrent, GpuView bias) {
    }

    /** Ids, (T B,1), or numbers, (T B,I), and the gates' sums of these: (T B,G H), or for ids a table of rows. */
    record Input(GpuView x, GpuView sums) {
        boolean ids() {
            return x.type() == CudaType.INT32;
        }
    }

    /** A state, or its gradient, (B,H) each. No h stands for zeros; the cell may have no c. */
    record State(GpuView hidden, GpuView cell) {
        static final State NONE = new State(GpuView.NONE, GpuView.NONE);
    }

    /**
     * The values that the forward pass writes: h of all steps, (T B,H), the gates, (T B,G H) or none in inference, and
     * what a cell keeps beside them, such as c: of all steps, (T B,H), or of the last one, or none.
     */
    record Output(GpuView y, GpuView gates, GpuView kept) {
    }

    /**
     * One step, or the first of several in a launch: the input's share of the sums, a row a sequence, or the table with
     * the ids of its rows; the state before; and where the gates, other values and h go.
     */
    record Step(GpuView input, GpuView ids, State before, GpuView gates, GpuView kept, GpuView y) {
    }

    /**
     * The gradients in a backward pass, of all steps or some: dL/dh from the layer above, (T B,H); those of the input's
     * share of the gates' sums, (T B,G H) or interleaved (T B,H,G); and of the recurrent products, the same memory
     * unless these have a bias of their own.
     */
    record Gradients(GpuView dy, GpuView ofInput, GpuView ofRecurrent) {
        Gradients rows(int first, int some) {
            return new Gradients(dy.rows(first, some), ofInput.rows(first, some), ofRecurrent.rows(first, some));
        }
    }

    Step step(int t) {
        boolean ids = input.ids();
        return new Step(ids ? input.sums : of(input.sums, t), ids ? of(input.x, t) : GpuView.NONE,
                t == 0 ? first : new State(of(output.y, t - 1), kept(t - 1)), of(output.gates, t), kept(t),
                of(output.y, t));
    }

    private GpuView of(GpuView all, int t) {
        return all.rows(t * batch, batch);
    }

    /** The values of a step that are kept beside its gates. */
    GpuView kept(int t) {
        return output.kept.rows() == batch ? output.kept : of(output.kept, t);
    }

    boolean startsAtZero() {
        return first.hidden.isNone();
    }
}
