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

    /**
     * Has each sequence of the batch go on from where another has come to.
     *
     * @param rows for each of the B sequences the number of the one whose state it takes
     */
    public void select(int[] rows) {
        for (LstmState state : states) {
            if (state != null) {
                select(state.hidden(), rows);
                select(state.cell(), rows);
            }
        }
    }

    /** The rows of a layer's sequences lie together. */
    private static void select(Matrix matrix, int[] rows) {
        double[] values = matrix.read();
        double[] selected = new double[values.length];
        int columns = matrix.columns();
        for (int row = 0; row < matrix.rows(); row++) {
            int from = row / rows.length * rows.length + rows[row % rows.length];
            System.arraycopy(values, from * columns, selected, row * columns, columns);
        }
        matrix.write(selected);
    }

    private static void zero(Matrix matrix) {
        matrix.write(new double[matrix.rows() * matrix.columns()]);
    }
}
