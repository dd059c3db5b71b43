package org.charlstm.device.cuda.layer;

import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.host.Shapes;

/** States of LSTMs as columns of a matrix. */
public final class CudaStates {
    private CudaStates() {
    }

    /** To the state, or back from it. */
    public static void move(Kernels kernels, Matrix columns, int first, LstmState state, boolean back) {
        Shapes.state(columns, first, state);
        CudaMatrix hidden = CudaMatrix.of(state.hidden());
        kernels.each(Kernel.MOVE_STATE, hidden.count(), CudaMatrix.of(columns).pointer(), hidden.pointer(),
                CudaMatrix.of(state.cell()).pointer(), hidden.rows(), columns.rows(), hidden.columns(),
                columns.columns(), first, back ? 1 : 0, hidden.bf16());
    }
}
