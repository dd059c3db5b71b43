package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.State;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;

/**
 * The values of a layer in bf16 as float32, for steps by kernels that know float32 alone. Within a part h stays exact;
 * the layer above, the products and the backward pass take it rounded.
 */
final class Float32Copies {
    private final GpuTools tools;
    private final int batch;
    private final boolean cells;
    /** h before the first step, then of each step, ((T + 1) B,H). */
    private final GpuView hidden;
    /** dL/dh from above, and the gradients of the sums; none in inference. */
    private final GpuView dy;
    private final GpuView ofInput;
    /** The same memory as {@link #ofInput} unless the recurrent sums have gradients of their own. */
    private final GpuView ofRecurrent;

    Float32Copies(GpuTools tools, GpuMemory workspace, Rnn.Shape shape) {
        this.tools = tools;
        batch = shape.batch();
        cells = shape.layers().cell().hasCell();
        int rows = shape.rows();
        int width = shape.layers().width();
        hidden = workspace.space(CudaType.FLOAT32, rows + batch, shape.hidden());
        if (shape.training()) {
            dy = workspace.space(CudaType.FLOAT32, rows, shape.hidden());
            ofInput = workspace.space(CudaType.FLOAT32, rows, width);
            ofRecurrent = shape.layers().cell().biasRows() > 1 ? workspace.space(CudaType.FLOAT32, rows, width)
                    : ofInput;
        } else {
            dy = GpuView.NONE;
            ofInput = GpuView.NONE;
            ofRecurrent = GpuView.NONE;
        }
    }

    /** The steps of a part from {@code from} on, whose h is written here; {@link #giveHidden} follows. */
    Step forward(LayerPass pass, int from) {
        Step step = pass.step(from);
        if (from == 0 && !step.before().hidden().isNone()) {
            tools.copy(step.before().hidden(), hidden.rows(0, batch));
        }
        return withCopies(step, from);
    }

    private Step withCopies(Step step, int from) {
        State before = step.before();
        return new Step(step.input(), step.ids(),
                new State(before.hidden().isNone() ? GpuView.NONE : hidden.rows(from * batch, batch), before.cell()),
                step.gates(), step.kept(), hidden.rows((from + 1) * batch, batch));
    }

    /** Rounds h of the steps from {@code from} to {@code to - 1}. */
    void giveHidden(LayerPass pass, int from, int to) {
        int rows = (to - from) * batch;
        tools.copy(hidden.rows((from + 1) * batch, rows), pass.output().y().rows(from * batch, rows));
    }

    /** The steps of a part for the backward pass. An LSTM's gradients do not need h. */
    Step backward(LayerPass pass, int from, int to) {
        Step step = pass.step(from);
        if (!cells) {
            if (!step.before().hidden().isNone()) {
                tools.copy(step.before().hidden(), hidden.rows(from * batch, batch));
            }
            int rows = (to - from) * batch;
            tools.copy(pass.output().y().rows(from * batch, rows), hidden.rows((from + 1) * batch, rows));
        }
        return withCopies(step, from);
    }

    /** dL/dh of a part, and the places for the gradients of its sums; {@link #giveGradients} follows. */
    Gradients gradients(Gradients of, int from, int to) {
        int rows = (to - from) * batch;
        tools.copy(of.dy().rows(from * batch, rows), dy.rows(from * batch, rows));
        return new Gradients(dy, ofInput, ofRecurrent).rows(from * batch, batch);
    }

    /** Rounds the gradients of the sums of a part. */
    void giveGradients(Gradients to, int from, int end) {
        int rows = (end - from) * batch;
        tools.copy(ofInput.rows(from * batch, rows), to.ofInput().rows(from * batch, rows));
        if (!ofRecurrent.equals(ofInput)) {
            tools.copy(ofRecurrent.rows(from * batch, rows), to.ofRecurrent().rows(from * batch, rows));
        }
    }
}
