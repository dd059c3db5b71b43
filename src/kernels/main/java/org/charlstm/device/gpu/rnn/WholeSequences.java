package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;

/** Runs all steps of a part in one launch. */
abstract class WholeSequences extends Recurrence {
    final RecurrentCell cell;
    final CellFacts facts;
    /** {@link #cellGradient}; for a GRU the share of dL/dh that reaches the previous h without a product, (B,H). */
    final GpuView carriedGradient;
    private final GpuTools tools;

    WholeSequences(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape);
        this.tools = tools;
        cell = shape.layers().cell();
        facts = CellFacts.of(cell);
        carriedGradient = shape.training() && facts.carriesGradient()
                ? workspace.space(CudaType.FLOAT32, shape.batch(), shape.hidden()) : cellGradient;
    }

    @Override
    final void toHidden(GpuView recurrent, GpuView sums, GpuView hidden) {
        if (facts.carriesGradient()) {
            products.multiply(sums, recurrent.transpose(), 1, carriedGradient);
            tools.copy(carriedGradient, hidden);
        } else {
            super.toHidden(recurrent, sums, hidden);
        }
    }
}
