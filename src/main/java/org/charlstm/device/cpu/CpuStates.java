package org.charlstm.device.cpu;

import org.charlstm.device.Lstm;
import org.charlstm.device.Matrix;
import org.charlstm.device.host.Shapes;

/** States of LSTMs as columns of a matrix: a copy for each row of a state's half, once a batch. */
final class CpuStates {
    private CpuStates() {
    }

    static void move(Matrix columns, int first, Lstm.State state, boolean back) {
        Shapes.state(columns, first, state);
        CpuMatrix all = CpuMatrix.of(columns);
        int units = state.hidden().columns();
        for (int row = 0; row < state.hidden().rows(); row++) {
            int layer = row / all.rows();
            int at = all.at(row % all.rows()) + first + 2 * layer * units;
            copy(all, at, CpuMatrix.of(state.hidden()), row, back);
            copy(all, at + units, CpuMatrix.of(state.cell()), row, back);
        }
    }

    private static void copy(CpuMatrix columns, int at, CpuMatrix half, int row, boolean back) {
        System.arraycopy(back ? half.values() : columns.values(), back ? half.at(row) : at,
                back ? columns.values() : half.values(), back ? at : half.at(row), half.columns());
    }
}
