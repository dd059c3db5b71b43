package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernels;

/** All steps of a part in one launch. */
abstract class WholeSequences extends Recurrence {
    final RecurrentCell cell;
    /** The number of the gates' activation, or that of a plain cell. */
    final int kind;
    /** {@link #cellGradient}, or for a GRU what goes back to h beside the products. */
    final GpuView carriedGradient;
    private final GpuTools tools;

    WholeSequences(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        super(tools, memory, shape);
        this.tools = tools;
        cell = shape.layers().cell();
        kind = switch (cell) {
            case RecurrentCell.Lstm(var gates) -> Kernels.number(gates);
            case RecurrentCell.Gru(var gates, _) -> Kernels.number(gates);
            case RecurrentCell.Elman(var activation) -> Kernels.number(activation);
        };
        carriedGradient = shape.training() && cell instanceof RecurrentCell.Gru
                ? workspace.space(CudaType.FLOAT32, shape.batch(), shape.hidden()) : cellGradient;
    }

    @Override
    final void toHidden(GpuView recurrent, GpuView sums, GpuView hidden) {
        if (cell instanceof RecurrentCell.Gru) {
            products.multiply(sums, recurrent.transpose(), 1, carriedGradient);
            tools.copy(carriedGradient, hidden);
        } else {
            super.toHidden(recurrent, sums, hidden);
        }
    }
}
