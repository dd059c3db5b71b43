package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.rnn.LayerPass.Tensors;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;

/**
 * Runs each step with a product of cuBLAS and with kernels that a subclass launches. All layers share one workspace. A
 * subclass fills {@link #step} and {@link #stepBack}, and for a value other than c also {@link #kept} and {@link
 * #hiddenColumns}. Forward, each step multiplies the previous h, unless h is zero, and then calls {@link #step}.
 * Backward, each step but the last first computes {@link #hiddenGradient} from the later step, and then calls {@link
 * #stepBack}.
 */
abstract class Stepwise extends Recurrence {
    final int batch;
    final int units;
    /** Elements of h of one step; the kernels use one thread for each. */
    final long elements;
    final int bf16;
    private final GpuTools tools;
    private final boolean addsUp;
    /** The previous h times the recurrent kernel, for one step, (B,G H). */
    private final GpuView recurrentSums;
    /** dL/dh that a step passes back to the previous step, (B,H) in float32; none in inference. */
    final GpuView hiddenGradient;

    /** With {@code addsUp}, the kernels write a share of the previous dL/dh, and the product is added to this. */
    Stepwise(GpuTools tools, GpuMemory memory, Rnn.Shape shape, boolean addsUp) {
        super(tools, memory, shape);
        this.tools = tools;
        batch = shape.batch();
        units = shape.hidden();
        elements = (long) batch * units;
        bf16 = products.factors().bf16();
        this.addsUp = addsUp;
        recurrentSums = workspace.space(CudaType.FLOAT32, batch, shape.layers().width());
        hiddenGradient = shape.training() ? workspace.space(CudaType.FLOAT32, batch, units) : GpuView.NONE;
    }

    /** Launches the rest of a step. {@code recurrent} is the product of the previous h, or none if h is zero. */
    abstract void step(LayerPass pass, Step step, GpuView recurrent);

    /** Computes the gradients of a step's sums, with {@link #hiddenGradient} unless the step is the last. */
    abstract void stepBack(Tensors factors, Step step, Gradients gradients, boolean last);

    @Override
    final void forward(LayerPass pass, int from, int to) {
        for (int t = from; t < to; t++) {
            Step step = pass.step(t);
            GpuView before = step.before().hidden();
            if (!before.isNone()) {
                products.multiply(before, ofHidden(pass.factors().recurrent()), 0, ofHidden(recurrentSums));
            }
            step(pass, step, before.isNone() ? GpuView.NONE : recurrentSums);
        }
    }

    @Override
    final void backward(LayerPass pass, Gradients gradients, int from, int to) {
        for (int t = to - 1; t >= from; t--) {
            boolean last = t == shape.steps() - 1;
            if (!last) {
                passBack(pass.factors().recurrent(), gradients.ofRecurrent().rows((t + 1) * batch, batch),
                        hiddenGradient);
            }
            stepBack(pass.factors(), pass.step(t), gradients.rows(t * batch, batch), last);
        }
    }

    @Override
    final void toHidden(GpuView recurrent, GpuView sums, GpuView hidden) {
        if (addsUp) {
            passBack(recurrent, sums, hiddenGradient);
            tools.copy(hiddenGradient, hidden);
        } else {
            passBack(recurrent, sums, hidden);
        }
    }

    /** Computes dL/dh of the previous step from the gradients of a step's sums. */
    private void passBack(GpuView recurrent, GpuView sums, GpuView to) {
        products.multiply(ofHidden(sums), ofHidden(recurrent).transpose(), addsUp ? 1 : 0, to);
    }

    private GpuView ofHidden(GpuView all) {
        return all.columns(0, hiddenColumns());
    }
}
