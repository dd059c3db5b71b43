package org.charlstm.device.gpu.rnn;

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

/** The steps of an Elman layer. Its only gate is h itself, which is kept in float32 in every precision. */
final class ElmanSteps extends Stepwise {
    private final int activation;

    ElmanSteps(RecurrentCell.Elman cell, GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape, false);
        activation = Kernels.number(cell.activation());
    }

    @Override
    void step(LayerPass pass, Step step, GpuView recurrent) {
        kernels.each(Kernel.ELMAN_FORWARD, elements, step.input(), step.ids(), recurrent, pass.weights().bias(),
                step.gates(), step.y(), batch, units, activation, bf16);
    }

    @Override
    void stepBack(Tensors factors, Step step, Gradients gradients, boolean last) {
        kernels.each(Kernel.ELMAN_BACKWARD, elements, step.gates(), gradients.dy(),
                last ? GpuView.NONE : hiddenGradient, gradients.ofInput(), batch * units, activation, bf16);
    }
}
