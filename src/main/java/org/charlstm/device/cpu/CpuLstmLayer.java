package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;
import static org.charlstm.device.cpu.Lanes.padded;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.charlstm.device.LstmShape;
import org.charlstm.device.RecurrentActivation;

/**
 * An LSTM layer in shards of sixteen sequences. One thread takes a shard through all time steps, so that the kernels
 * and the shard's state stay in its cache and no step waits for another thread. For ids the input product is a lookup
 * of kernel rows.
 */
final class CpuLstmLayer {
    /** Sequences in a shard: fixed, so that sums have one order whatever the number of threads. */
    static final int ROWS = 16;

    final LstmShape shape;
    final CpuLstmLayout layout;
    final int offset;
    /** Floats from one row of h or c to the next. */
    final int stride;
    /** Whether the gates are hard sigmoids, else sigmoids. */
    final boolean hardSigmoid;
    /** Gates, activated: for each shard, step, gate and panel, the shard's rows. One step only when not training. */
    final float[] gates;
    /** Cells: for each shard, before the first step and after each, in panels like one gate. One slot in inference. */
    final float[] cells;
    /** tanh(c) of one step: for each shard, in panels like one gate. */
    final float[] tanhCells;
    /** h before the first step, (B, stride). */
    final float[] firstHidden;
    private final Workers workers;
    private final Workers.Shard forwardShard = this::forwardShard;
    private final CpuLstmBackward backward;
    private float[] weights;
    private int[] ids;
    private float[] below;
    private float[] output;
    private float[] stateHidden;
    private float[] stateCell;
    private int stateAt;
    private boolean startsAtZero;

    CpuLstmLayer(Workers workers, LstmShape shape, CpuLstmLayout layout, int offset) {
        this.workers = workers;
        this.shape = shape;
        this.offset = ORIGIN + offset;
        this.layout = layout;
        stride = padded(shape.hidden());
        hardSigmoid = shape.recurrentActivation() == RecurrentActivation.HARD_SIGMOID;
        long kept = shape.training() ? shape.steps() : 1;
        gates = CpuMemory.floats(kept * shape.batch() * layout.width());
        cells = CpuMemory.floats((shape.training() ? kept + 1 : 1) * shape.batch() * stride);
        tanhCells = CpuMemory.floats((long) shape.batch() * stride);
        firstHidden = CpuMemory.floats((long) shape.batch() * stride);
        backward = shape.training() ? new CpuLstmBackward(workers, this) : null;
    }

    int shards() {
        return Math.ceilDiv(shape.batch(), ROWS);
    }

    int rows(int shard) {
        return Math.min(ROWS, shape.batch() - shard * ROWS);
    }

    /** Where the gates of a shard's step begin; a panel takes rows x PANEL floats. */
    int gatesAt(int shard, int step) {
        int kept = shape.training() ? shape.steps() : 1;
        return ORIGIN + (shard * ROWS * kept + (shape.training() ? step : 0) * rows(shard)) * layout.width();
    }

    /** Where a shard's cells begin: slot 0 is before the first step, slot t + 1 after step t. */
    int cellsAt(int shard, int slot) {
        int kept = shape.training() ? shape.steps() + 1 : 1;
        return ORIGIN + (shard * ROWS * kept + (shape.training() ? slot : 0) * rows(shard)) * stride;
    }

    /** Whether the last forward pass began from a state of zeros. */
    boolean startsAtZero() {
        return startsAtZero;
    }

    CpuLstmBackward backward() {
        return backward;
    }

    /**
     * Takes ids, or h of the layer below where they are null. The state's rows lie from {@code stateRow} on; without a
     * state the layer starts from zeros.
     */
    void forward(float[] flat, int[] inputs, float[] hiddenBelow, float[] hidden, float[] cell, int stateRow,
            float[] to) {
        weights = flat;
        ids = inputs;
        below = hiddenBelow;
        output = to;
        stateHidden = hidden;
        stateCell = cell;
        stateAt = stateRow * stride;
        startsAtZero = hidden == null;
        if (hidden != null) {
            System.arraycopy(hidden, ORIGIN + stateAt, firstHidden, ORIGIN, firstHidden.length - ORIGIN);
        }
        workers.run(shards(), forwardShard);
    }

    private void forwardShard(int shard) {
        int rows = rows(shard);
        int first = ORIGIN + shard * ROWS * stride;
        int cells0 = cellsAt(shard, 0);
        if (startsAtZero) {
            Arrays.fill(cells, cells0, cells0 + rows * stride, 0f);
        } else {
            exchangeCells(stateCell, first + stateAt, cells0, rows, true);
        }
        int step = shape.batch() * stride;
        for (int t = 0; t < shape.steps(); t++) {
            for (int q = 0; q < layout.panels(); q++) {
                int chunk = gatesAt(shard, t) + q * rows * PANEL;
                if (ids != null) {
                    lookUp(chunk, t * shape.batch() + shard * ROWS, rows, q * PANEL);
                } else {
                    startWithBias(chunk, rows, q * PANEL);
                    Gemm.alongRows(below, first + t * step, stride, 0, weights, offset + q * layout.panelSize(), 0, 1,
                            layout.inputs(), gates, chunk, PANEL, rows);
                }
                if (t > 0 || !startsAtZero) {
                    Gemm.alongRows(t == 0 ? firstHidden : output, first + Math.max(0, t - 1) * step, stride, 0, weights,
                            offset + layout.recurrentOffset() + q * layout.panelSize(), 0, 1, shape.hidden(),
                            gates, chunk, PANEL, rows);
                }
            }
            activate(gatesAt(shard, t), cellsAt(shard, t), cellsAt(shard, t + 1), first, first + t * step, rows);
        }
        if (!startsAtZero) {
            System.arraycopy(output, first + (shape.steps() - 1) * step, stateHidden, first + stateAt, rows * stride);
            exchangeCells(stateCell, first + stateAt, cellsAt(shard, shape.steps()), rows, false);
        }
    }

    /** Starts one panel's sums with the kernel's rows and the bias. */
    private void lookUp(int chunk, int id, int rows, int column) {
        FloatVector bias0 = load(weights, offset + layout.biasOffset() + column);
        FloatVector bias1 = load(weights, offset + layout.biasOffset() + column + COUNT);
        for (int r = 0; r < rows; r++) {
            int row = offset + ids[id + r] * layout.width() + column;
            load(weights, row).add(bias0).intoArray(gates, chunk + r * PANEL);
            load(weights, row + COUNT).add(bias1).intoArray(gates, chunk + r * PANEL + COUNT);
        }
    }

    private void startWithBias(int chunk, int rows, int column) {
        FloatVector bias0 = load(weights, offset + layout.biasOffset() + column);
        FloatVector bias1 = load(weights, offset + layout.biasOffset() + column + COUNT);
        for (int r = 0; r < rows; r++) {
            bias0.intoArray(gates, chunk + r * PANEL);
            bias1.intoArray(gates, chunk + r * PANEL + COUNT);
        }
    }

    /** Turns one step's sums into gates, cells and outputs. */
    private void activate(int gatesFrom, int cellsBefore, int cellsAfter, int first, int outputFrom, int rows) {
        int size = rows * stride;
        activateGates(gatesFrom, 2 * size);
        Activations.tanh(gates, gatesFrom + 2 * size, gates, gatesFrom + 2 * size, size);
        activateGates(gatesFrom + 3 * size, size);
        update(gatesFrom, size, cellsBefore, cellsAfter);
        Activations.tanh(cells, cellsAfter, tanhCells, first, size);
        for (int panel = 0; panel < stride / PANEL; panel++) {
            int chunk = panel * rows * PANEL;
            emit(gatesFrom + 3 * size + chunk, first + chunk, outputFrom + panel * PANEL, rows);
        }
    }

    private void activateGates(int from, int count) {
        if (hardSigmoid) {
            HardSigmoid.apply(gates, from, count);
        } else {
            Activations.sigmoid(gates, from, gates, from, count);
        }
    }

    /** c = f c + i c~. */
    private void update(int inputGate, int size, int before, int after) {
        int forgetGate = inputGate + size;
        int candidate = forgetGate + size;
        for (int j = 0; j < size; j += COUNT) {
            FloatVector added = load(gates, inputGate + j).mul(load(gates, candidate + j));
            flushed(load(gates, forgetGate + j).fma(load(cells, before + j), added)).intoArray(cells, after + j);
        }
    }

    /** h = o tanh(c) for one panel of units, from panels to rows. */
    private void emit(int outputGate, int cell, int to, int rows) {
        for (int r = 0; r < rows; r++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                int j = r * PANEL + half;
                load(tanhCells, cell + j).mul(load(gates, outputGate + j))
                        .intoArray(output, to + r * stride + half);
            }
        }
    }

    /** Copies a shard's cells between the rows of a state and the panels that the loops run over. */
    private void exchangeCells(float[] state, int first, int panels, int rows, boolean fromState) {
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < stride; j += PANEL) {
                int row = first + r * stride + j;
                int at = panels + (j / PANEL * rows + r) * PANEL;
                System.arraycopy(fromState ? state : cells, fromState ? row : at, fromState ? cells : state,
                        fromState ? at : row, PANEL);
            }
        }
    }
}
