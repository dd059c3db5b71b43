package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.rnn.LayerPass.Tensors;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a GRU. With the reset after the product, {@link #kept} holds the candidate's recurrent sums, which r
 * scales. With the reset before, it holds r h[t-1], which a second product multiplies by the candidate's recurrent
 * kernel. {@link Stepwise} multiplies h[t-1] by all three gates' columns or, with the reset before, by those of z and
 * r, and then calls {@link #step}; this launches the reset, the second product and the gates, or only the gates.
 */
final class GruSteps extends Stepwise {
    private final int gateKind;
    private final boolean resetAfter;
    /** dL/d(r h[t-1]) of one step, (B,H) in float32; none in inference, and none with the reset after the product. */
    private final GpuView resetGradient;

    GruSteps(RecurrentCell.Gru cell, GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape, true);
        gateKind = Kernels.number(cell.gateActivation());
        resetAfter = cell.resetAfter();
        resetGradient = shape.training() && !resetAfter ? workspace.space(CudaType.FLOAT32, batch, units)
                : GpuView.NONE;
    }

    @Override
    @Nullable
    CudaType kept() {
        return !resetAfter ? products.factors() : shape.training() ? CudaType.FLOAT32 : null;
    }

    @Override
    int hiddenColumns() {
        return (resetAfter ? 3 : 2) * units;
    }

    /** The columns of the candidate, which is the last of the three gates. */
    private GpuView ofCandidate(GpuView all) {
        return all.columns(2 * units, units);
    }

    @Override
    void step(LayerPass pass, Step step, GpuView recurrent) {
        GpuView hiddenBefore = step.before().hidden();
        GpuView bias = pass.weights().bias();
        if (!resetAfter && !hiddenBefore.isNone()) {
            GpuView reset = step.kept();
            kernels.each(Kernel.GRU_RESET, elements, step.input(), step.ids(), recurrent, bias, hiddenBefore, reset,
                    batch, units, gateKind, bf16);
            products.multiply(reset, ofCandidate(pass.factors().recurrent()), 0, ofCandidate(recurrent));
        }
        GpuView scaled = resetAfter ? step.kept() : GpuView.NONE;
        kernels.each(Kernel.GRU_FORWARD, elements, step.input(), step.ids(), recurrent, bias, hiddenBefore,
                step.gates(), scaled, step.y(), batch, units, gateKind, resetAfter ? 1 : 0, bf16);
    }

    @Override
    void stepBack(Tensors factors, Step step, Gradients gradients, boolean last) {
        GpuView hiddenBefore = step.before().hidden();
        GpuView scaled = resetAfter ? step.kept() : GpuView.NONE;
        GpuView ofRecurrent = resetAfter ? gradients.ofRecurrent() : GpuView.NONE;
        kernels.each(Kernel.GRU_BACKWARD, elements, step.gates(), scaled, hiddenBefore, gradients.dy(), hiddenGradient,
                gradients.ofInput(), ofRecurrent, batch, units, gateKind, last ? 1 : 0, bf16);
        if (!resetAfter) {
            products.multiply(ofCandidate(gradients.ofInput()), ofCandidate(factors.recurrent()).transpose(), 0,
                    resetGradient);
            kernels.each(Kernel.GRU_RESET_BACKWARD, elements, step.gates(), hiddenBefore, resetGradient, hiddenGradient,
                    gradients.ofInput(), batch, units, gateKind, bf16);
        }
    }
}
