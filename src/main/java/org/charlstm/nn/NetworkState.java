package org.charlstm.nn;

import java.util.List;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.jspecify.annotations.Nullable;

/** What the layers of a model carry from one time step to the next, for one batch size; {@link Network} makes it. */
public final class NetworkState {
    private final List<@Nullable LstmState> states;

    /** The states in the order of the network's blocks, null for those that carry nothing. */
    NetworkState(List<@Nullable LstmState> states) {
        this.states = states;
    }

    @Nullable
    LstmState of(int block) {
        return states.get(block);
    }

    /** Goes back to the zeros before the first step. */
    public void reset() {
        for (LstmState state : states) {
            if (state != null) {
                zero(state.hidden());
                zero(state.cell());
            }
        }
    }

    private static void zero(Matrix matrix) {
        matrix.write(new double[matrix.rows() * matrix.columns()]);
    }
}
