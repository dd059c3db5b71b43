package org.charlstm.device.gpu;

import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;

/** The steps of an LSTM, which keeps c. */
final class LstmSteps extends Stepwise {
    private final int gateKind;

    LstmSteps(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape, false);
        gateKind = gateKind(shape);
    }

    /** The number of the gates' activation, for a shape that is an LSTM's. */
    static int gateKind(Rnn.Shape shape) {
        return number(((RecurrentCell.Lstm) shape.layers().cell()).gateActivation());
    }

    @Override
    void step(KernelRnnLayer layer, GpuMatrix weights, Forth step) {
        kernels.each(Kernel.LSTM_FORWARD, (long) batch * units, step.input(), step.ids(), step.recurrent(),
                layer.bias(weights), layer.cellBefore(step.t()), step.gates(), layer.kept(step.t()), step.y(), batch,
                units, gateKind, type.bf16());
    }

    @Override
    void stepBack(KernelRnnLayer layer, GpuMatrix weights, Back step, long hiddenGradient) {
        kernels.each(Kernel.LSTM_BACKWARD, (long) batch * units, layer.gates(step.t()), layer.cellBefore(step.t()),
                layer.kept(step.t()), step.dy(), step.last() ? 0L : hiddenGradient, cellGradient(),
                step.sums().ofInput(), batch, units, gateKind, type.bf16());
    }
}
