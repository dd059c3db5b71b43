package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.gpu.tools.GpuView;

/**
 * A layer's values in device memory during a pass: the input and output of a {@link Recurrence}. The factors are the
 * weights, converted to the products' type or interleaved if products and kernels need that.
 */
record LayerPass(Tensors weights, Tensors factors, Input input, State first, Output output, int batch) {
    /** A layer's kernel (I,G H), recurrent kernel (H,G H) and bias (1,G H) or (2,G H), or their gradients. */
    record Tensors(GpuView kernel, GpuView recurrent, GpuView bias) {
    }

    /** Ids (T B,1) or numbers (T B,I), and the sums: (T B,G H) for numbers; for ids a table with a row for each. */
    record Input(GpuView x, GpuView sums) {
        boolean ids() {
            return x.type() == CudaType.INT32;
        }
    }

    /** A state, or its gradient: h and c, (B,H) each. No h means zeros; c is none in a cell without c. */
    record State(GpuView hidden, GpuView cell) {
        static final State NONE = new State(GpuView.NONE, GpuView.NONE);
    }

    /**
     * The values that the forward pass writes: h of all steps, (T B,H); the gates, (T B,G H), none in inference; and
     * the value that a cell keeps beside them, such as c, (T B,H) for all steps or (B,H) for the last one, or none.
     */
    record Output(GpuView y, GpuView gates, GpuView kept) {
    }

    /**
     * One step, or the first of several steps in a launch: the input's share of the sums, one row for each sequence, or
     * the table and the ids of its rows; the previous state; and the places for the gates, the kept values and h.
     */
    record Step(GpuView input, GpuView ids, State before, GpuView gates, GpuView kept, GpuView y) {
    }

    /**
     * The gradients in a backward pass over all or some steps: dL/dh from the layer above, (T B,H); the gradients of
     * the input's share of the gates' sums, (T B,G H) or interleaved (T B,H,G); and the gradients of the recurrent
     * sums, which are the same memory unless the recurrent sums have a bias of their own.
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

    /** The values that a step keeps beside its gates. */
    GpuView kept(int t) {
        return output.kept.rows() == batch ? output.kept : of(output.kept, t);
    }

    boolean startsAtZero() {
        return first.hidden.isNone();
    }
}
