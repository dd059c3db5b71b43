package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.rnn.CpuRnnLayer.ROWS;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;

import java.util.Arrays;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Panels;
import org.jspecify.annotations.Nullable;

/** An LSTM's cell. Its slots are the gates i, f, c~ and o. */
final class CpuLstm extends CpuCell {
    private final LstmGates activation;
    /** c of each shard before the first and after each step, in panels like one slot; one step in inference. */
    final float[] cells;
    /** dL/dc of one step for each shard, in panels like one slot. */
    private final float[] cellGradients;

    private CpuLstm(CpuRnnLayer layer, RecurrentCell.Lstm cell) {
        super(layer);
        activation = LstmGates.of(cell.gateActivation());
        long size = (long) layer.shape.batch() * stride;
        cells = CpuMatrix.floats((layer.shape.training() ? layer.shape.steps() + 1 : 1) * size);
        cellGradients = forTraining(true);
    }

    static Form form(RecurrentCell.Lstm cell) {
        return new Form(cell, 0, 4, 4, true, layer -> new CpuLstm(layer, cell));
    }

    /** The index where a shard's c begins: number 0 is before the first step, t + 1 after step t. */
    private int cellsAt(int shard, int number) {
        int kept = layer.shape.training() ? layer.shape.steps() + 1 : 1;
        return ORIGIN + (shard * ROWS * kept + (layer.shape.training() ? number : 0) * layer.rows(shard)) * stride;
    }

    @Override
    void begin(int shard, float @Nullable [] state, int stateRow) {
        int to = cellsAt(shard, 0);
        if (state == null) {
            Arrays.fill(cells, to, to + layer.rows(shard) * stride, 0f);
        } else {
            Panels.pack(state, panelsAt(shard, 0) + stateRow * stride, stride, layer.rows(shard), cells, to);
        }
    }

    @Override
    void end(int shard, float[] state, int stateRow) {
        Panels.unpack(cells, cellsAt(shard, layer.shape.steps()), layer.rows(shard) * PANEL, layer.rows(shard), state,
                panelsAt(shard, 0) + stateRow * stride, stride);
    }

    @Override
    void beginBack(int shard) {
        int first = panelsAt(shard, 0);
        Arrays.fill(cellGradients, first, first + layer.rows(shard) * stride, 0f);
    }

    @Override
    void endBack(int shard, float[] state, int stateRow) {
        int first = panelsAt(shard, 0);
        Panels.unpack(cellGradients, first, layer.rows(shard) * PANEL, layer.rows(shard), state,
                first + stateRow * stride, stride);
    }

    @Override
    void forward(int shard, int t, int stage, float[] before, int from, int to, float[] sums, int sumsAt,
            int sumsSize) {
        int rows = layer.rows(shard);
        int size = rows * stride;
        int skipped = from * rows * PANEL;
        int inputGate = layer.slotsAt(shard, t) + skipped;
        int cellBefore = cellsAt(shard, t) + skipped;
        int cellAfter = cellsAt(shard, t + 1) + skipped;
        for (int panel = from; panel < to; panel++) {
            int further = (panel - from) * rows * PANEL;
            activation.forward(this, sums, sumsAt + further, sumsSize, inputGate + further, size, cellBefore + further,
                    cellAfter + further, rows * PANEL, layer.rowsAt(shard, t) + panel * PANEL);
        }
    }

    @Override
    void backward(int shard, int t, int stage, int from, int to) {
        int rows = layer.rows(shard);
        int skipped = from * rows * PANEL;
        activation.backward(this, layer.slotsAt(shard, t) + skipped, rows * stride, cellsAt(shard, t) + skipped,
                cellsAt(shard, t + 1) + skipped, hiddenGradients, cellGradients, panelsAt(shard, from),
                (to - from) * rows * PANEL);
    }
}
