package org.charlstm.device.reference;

import org.charlstm.device.Lstm;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/** States of LSTMs as columns of a matrix, in plain loops. */
final class ReferenceStates {
    private ReferenceStates() {
    }

    static void move(Matrix columns, int first, Lstm.State state, boolean back) {
        Shapes.state(columns, first, state);
        double[] all = ReferenceMatrix.of(columns);
        double[] hidden = ReferenceMatrix.of(state.hidden());
        double[] cell = ReferenceMatrix.of(state.cell());
        int B = columns.rows();
        int H = state.hidden().columns();
        for (int row = 0; row < state.hidden().rows(); row++) {
            for (int u = 0; u < H; u++) {
                int l = row / B;
                int ofHidden = row % B * columns.columns() + first + 2 * l * H + u;
                if (back) {
                    all[ofHidden] = hidden[row * H + u];
                    all[ofHidden + H] = cell[row * H + u];
                } else {
                    hidden[row * H + u] = all[ofHidden];
                    cell[row * H + u] = all[ofHidden + H];
                }
            }
        }
    }
}
