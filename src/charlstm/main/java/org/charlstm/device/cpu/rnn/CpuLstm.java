package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.rnn.CpuRnnLayer.ROWS;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.cpu.tools.Activations;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Panels;
import org.jspecify.annotations.Nullable;

/** An LSTM's cell. Its slots are the gates i, f, c~, o. */
final class CpuLstm extends CpuCell {
    private final LstmGates activation;
    /** c: for each shard, before the first step and after each, in panels like one slot. Of one step in inference. */
    final float[] cells;
    /** tanh(c) of one step: for each shard, in panels like one slot. */
    final float[] tanhCells;
    /** dL/dc of one step, likewise. */
    private final float[] cellGradients;

    private CpuLstm(CpuRnnLayer layer, RecurrentCell.Lstm cell) {
        super(layer);
        activation = LstmGates.of(cell.gateActivation());
        long size = (long) layer.shape.batch() * stride;
        cells = CpuMatrix.floats((layer.shape.training() ? layer.shape.steps() + 1 : 1) * size);
        tanhCells = CpuMatrix.floats(size);
        cellGradients = forTraining(true);
    }

    static Form form(RecurrentCell.Lstm cell) {
        return new Form(cell, 0, 4, 4, layer -> new CpuLstm(layer, cell));
    }

    /** Where a shard's cells begin: number 0 is before the first step, t + 1 after step t. */
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
        Panels.unpack(cells, cellsAt(shard, layer.shape.steps()), layer.rows(shard), state,
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
        Panels.unpack(cellGradients, first, layer.rows(shard), state, first + stateRow * stride, stride);
    }

    @Override
    void forward(int shard, int t, int stage, float[] before, int from, int to) {
        int rows = layer.rows(shard);
        int size = rows * stride;
        int skipped = from * rows * PANEL;
        int count = (to - from) * rows * PANEL;
        int inputGate = layer.slotsAt(shard, t) + skipped;
        activation.apply(slots, inputGate, count);
        activation.apply(slots, inputGate + size, count);
        Activations.tanh(slots, inputGate + 2 * size, slots, inputGate + 2 * size, count);
        activation.apply(slots, inputGate + 3 * size, count);
        int after = cellsAt(shard, t + 1) + skipped;
        update(inputGate, size, cellsAt(shard, t) + skipped, after, count);
        Activations.tanh(cells, after, tanhCells, panelsAt(shard, from), count);
        for (int panel = from; panel < to; panel++) {
            emit(inputGate + 3 * size + (panel - from) * rows * PANEL, panelsAt(shard, panel),
                    layer.rowsAt(shard, t) + panel * PANEL, rows);
        }
    }

    /** c = f c + i c~. */
    private void update(int inputGate, int size, int before, int after, int count) {
        int forgetGate = inputGate + size;
        int candidate = forgetGate + size;
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector added = load(slots, inputGate + j).mul(load(slots, candidate + j));
            flushed(load(slots, forgetGate + j).fma(load(cells, before + j), added), coarse).intoArray(cells,
                    after + j);
        }
    }

    /** h = o tanh(c) for one panel of units, from panels to rows. */
    private void emit(int outputGate, int cell, int to, int rows) {
        float[] output = layer.output();
        for (int r = 0; r < rows; r++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                int j = r * PANEL + half;
                load(tanhCells, cell + j).mul(load(slots, outputGate + j)).intoArray(output, to + r * stride + half);
            }
        }
    }

    @Override
    void backward(int shard, int t, int stage, int from, int to) {
        int rows = layer.rows(shard);
        int skipped = from * rows * PANEL;
        int count = (to - from) * rows * PANEL;
        int first = panelsAt(shard, from);
        Activations.tanh(cells, cellsAt(shard, t + 1) + skipped, tanhCells, first, count);
        activation.backward(this, layer.slotsAt(shard, t) + skipped, rows * stride, cellsAt(shard, t) + skipped,
                hiddenGradients, cellGradients, first, count);
        Arrays.fill(hiddenGradients, first, first + count, 0f);
    }
}
