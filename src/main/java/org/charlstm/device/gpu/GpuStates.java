package org.charlstm.device.gpu;

import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Lstm;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/** States of LSTMs as columns of a matrix. */
public final class GpuStates {
    private GpuStates() {
    }

    /** To the state, or back from it. */
    public static void move(Kernels kernels, Matrix columns, int first, Lstm.State state, boolean back) {
        Shapes.state(columns, first, state);
        GpuMatrix hidden = GpuMatrix.of(state.hidden());
        kernels.each(Kernel.MOVE_STATE, hidden.count(), GpuMatrix.of(columns).pointer(), hidden.pointer(),
                GpuMatrix.of(state.cell()).pointer(), hidden.rows(), columns.rows(), hidden.columns(),
                columns.columns(), first, back ? 1 : 0, hidden.bf16());
    }
}
