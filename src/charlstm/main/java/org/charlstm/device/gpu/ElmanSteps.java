package org.charlstm.device.gpu;

import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;

/** The steps of a plain recurrent layer, whose gate is h itself, kept in float32 in every precision. */
final class ElmanSteps extends Stepwise {
    private final int activation;

    ElmanSteps(RecurrentCell.Elman cell, GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape, false);
        activation = BiasGradient.number(cell.activation());
    }

    @Override
    void step(KernelRnnLayer layer, GpuMatrix weights, Forth step) {
        kernels.each(Kernel.RNN_FORWARD, (long) batch * units, step.input(), step.ids(), step.recurrent(),
                layer.bias(weights), step.gates(), step.y(), batch, units, activation, type.bf16());
    }

    @Override
    void stepBack(KernelRnnLayer layer, GpuMatrix weights, Back step, long hiddenGradient) {
        kernels.each(Kernel.RNN_BACKWARD, (long) batch * units, layer.gates(step.t()), step.dy(),
                step.last() ? 0L : hiddenGradient, step.sums().ofInput(), batch * units, activation, type.bf16());
    }
}
