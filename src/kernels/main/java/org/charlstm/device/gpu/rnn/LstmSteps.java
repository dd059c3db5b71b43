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

/** The steps of an LSTM, whose {@link #kept} value is c. */
final class LstmSteps extends Stepwise {
    private final int gateKind;

    LstmSteps(RecurrentCell.Lstm cell, GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape, false);
        gateKind = Kernels.number(cell.gateActivation());
    }

    @Override
    void step(LayerPass pass, Step step, GpuView recurrent) {
        GpuView cellBefore = step.before().cell();
        GpuView cell = step.kept();
        kernels.each(Kernel.LSTM_FORWARD, elements, step.input(), step.ids(), recurrent, pass.weights().bias(),
                cellBefore, step.gates(), cell, step.y(), batch, units, gateKind, bf16);
    }

    @Override
    void stepBack(Tensors factors, Step step, Gradients gradients, boolean last) {
        GpuView cellBefore = step.before().cell();
        GpuView cell = step.kept();
        kernels.each(Kernel.LSTM_BACKWARD, elements, step.gates(), cellBefore, cell, gradients.dy(),
                last ? GpuView.NONE : hiddenGradient, cellGradient, gradients.ofInput(), batch, units, gateKind, bf16);
    }
}
