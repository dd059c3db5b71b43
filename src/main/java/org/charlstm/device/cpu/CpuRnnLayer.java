package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.coarse;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;
import static org.charlstm.device.cpu.Lanes.padded;

import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * An LSTM layer in shards of sixteen sequences. One thread takes a shard through all time steps, so that the kernels
 * and the shard's state stay in its cache and no step waits for another thread. Where there are fewer shards than
 * threads, several threads share each: they take a step together, each some of the units, and wait for each other after
 * it. No sum is taken in another order then. For ids the input product is a lookup of kernel rows.
 */
final class CpuRnnLayer {
    /** Sequences in a shard: fixed, so that sums have one order whatever the number of threads. */
    static final int ROWS = 16;
    /** Multiply-adds of a step that pay for a thread and for its waiting for the others: some microseconds. */
    private static final long WORTH_SHARING = 1 << 16;

    final Rnn.Shape shape;
    final CpuRnnLayout layout;
    final int offset;
    /** Floats from one row of h or c to the next. */
    final int stride;
    final LstmGates activation;
    /** Gates, activated: for each shard, step, gate and panel, the shard's rows. One step only when not training. */
    final float[] gates;
    /** Cells: for each shard, before the first step and after each, in panels like one gate. One slot in inference. */
    final float[] cells;
    /** tanh(c) of one step: for each shard, in panels like one gate. */
    final float[] tanhCells;
    /** h before the first step, (B, stride). */
    final float[] firstHidden;
    /** A shard's h of the step before and input of numbers, in panels; each thread's own. */
    private final ThreadLocal<float[]> packed;
    /** Threads that share a shard, at most one for each panel of units. */
    final int parts;
    private final Workers workers;
    private final Workers.Shard forwardShard = this::forwardShard;
    private final Workers.Shard forwardPart = this::forwardPart;
    /** Null in inference. */
    private final @Nullable CpuRnnBackward backward;
    private float[] weights = {};
    private int[] ids = {};
    private float[] numbers = {};
    private float[] output = {};
    private float[] stateHidden = {};
    private float[] stateCell = {};
    private int stateAt;
    private boolean startsAtZero;
    private int step;

    CpuRnnLayer(Workers workers, Rnn.Shape shape, CpuRnnLayout layout, int offset) {
        this.workers = workers;
        this.shape = shape;
        this.offset = ORIGIN + offset;
        this.layout = layout;
        stride = padded(shape.hidden());
        activation = LstmGates.of(((RecurrentCell.Lstm) shape.layers().cell()).gateActivation());
        long kept = shape.training() ? shape.steps() : 1;
        gates = CpuMatrix.floats(kept * shape.batch() * layout.width());
        cells = CpuMatrix.floats((shape.training() ? kept + 1 : 1) * shape.batch() * stride);
        tanhCells = CpuMatrix.floats((long) shape.batch() * stride);
        firstHidden = CpuMatrix.floats((long) shape.batch() * stride);
        packed = Panels.place(ROWS, stride + layout.inputStride());
        long work = 4L * stride * stride * Math.min(ROWS, shape.batch());
        parts = Math.clamp(Math.min(Math.ceilDiv(workers.count(), shards()), work / WORTH_SHARING), 1,
                stride / PANEL);
        backward = shape.training() ? new CpuRnnBackward(workers, this) : null;
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

    CpuRnnBackward backward() {
        return Objects.requireNonNull(backward, "a layer for inference has no backward pass");
    }

    /**
     * Takes ids or numbers, whichever is the layer's input. The state's rows lie from {@code stateRow} on; without a
     * state the layer starts from zeros.
     */
    void forward(float[] flat, int[] inputs, float[] rows, float @Nullable [] hidden, float @Nullable [] cell,
            int stateRow, float[] to) {
        weights = flat;
        ids = inputs;
        numbers = rows;
        output = to;
        stateAt = stateRow * stride;
        startsAtZero = hidden == null || cell == null;
        if (hidden != null && cell != null) {
            stateHidden = hidden;
            stateCell = cell;
            System.arraycopy(hidden, ORIGIN + stateAt, firstHidden, ORIGIN, firstHidden.length - ORIGIN);
        }
        if (parts == 1) {
            workers.run(shards(), forwardShard);
            return;
        }
        for (int shard = 0; shard < shards(); shard++) {
            begin(shard);
        }
        for (step = 0; step < shape.steps(); step++) {
            workers.run(shards() * parts, forwardPart);
        }
        for (int shard = 0; shard < shards(); shard++) {
            end(shard);
        }
    }

    private void forwardShard(int shard) {
        begin(shard);
        for (int t = 0; t < shape.steps(); t++) {
            forward(shard, t, 0, stride / PANEL);
        }
        end(shard);
    }

    private void forwardPart(int task) {
        forward(task / parts, step, firstPanel(task), endPanel(task));
    }

    /** The first panel of units of a task, which is one part of one shard. */
    int firstPanel(int task) {
        return stride / PANEL * (task % parts) / parts;
    }

    /** The panel behind its last. */
    int endPanel(int task) {
        return stride / PANEL * (task % parts + 1) / parts;
    }

    private void begin(int shard) {
        int cells0 = cellsAt(shard, 0);
        if (startsAtZero) {
            Arrays.fill(cells, cells0, cells0 + rows(shard) * stride, 0f);
        } else {
            exchangeCells(stateCell, ORIGIN + shard * ROWS * stride + stateAt, cells0, rows(shard), true);
        }
    }

    private void end(int shard) {
        if (!startsAtZero) {
            int first = ORIGIN + shard * ROWS * stride;
            System.arraycopy(output, first + (shape.steps() - 1) * shape.batch() * stride, stateHidden,
                    first + stateAt, rows(shard) * stride);
            exchangeCells(stateCell, first + stateAt, cellsAt(shard, shape.steps()), rows(shard), false);
        }
    }

    /** One step of a shard, for the units of the panels {@code from} to {@code to} - 1. */
    private void forward(int shard, int t, int from, int to) {
        int rows = rows(shard);
        int first = ORIGIN + shard * ROWS * stride;
        int distance = shape.batch() * stride;
        boolean zero = t == 0 && startsAtZero;
        int inputAt = ORIGIN + rows * stride;
        float[] a = packed.get();
        if (!zero) {
            Panels.pack(t == 0 ? firstHidden : output, first + Math.max(0, t - 1) * distance, stride, rows, a, ORIGIN);
        }
        if (!layout.ids()) {
            Panels.pack(numbers, ORIGIN + (shard * ROWS + t * shape.batch()) * layout.inputStride(),
                    layout.inputStride(), rows, a, inputAt);
        }
        int gateSize = rows * stride;
        for (int panel = from; panel < to; panel++) {
            // One panel of all gates together: a single row is quickest with four of them.
            int chunk = gatesAt(shard, t) + panel * rows * PANEL;
            for (int gate = 0; gate < 4; gate++) {
                int column = gate * stride + panel * PANEL;
                if (layout.ids()) {
                    lookUp(chunk + gate * gateSize, t * shape.batch() + shard * ROWS, rows, column);
                } else {
                    startWithBias(chunk + gate * gateSize, rows, column);
                }
            }
            if (!layout.ids()) {
                Gemm.multiply(a, inputAt, rows * PANEL, layout.inputStride() / PANEL, weights,
                        offset + panel * layout.kernelPanelSize(), stride / PANEL * layout.kernelPanelSize(), gates,
                        chunk, gateSize, PANEL, rows, 4);
            }
            if (!zero) {
                Gemm.multiply(a, ORIGIN, rows * PANEL, stride / PANEL, weights,
                        offset + layout.recurrentOffset() + panel * layout.panelSize(),
                        stride / PANEL * layout.panelSize(), gates, chunk, gateSize, PANEL, rows, 4);
            }
        }
        int skipped = from * rows * PANEL;
        activate(gatesAt(shard, t) + skipped, rows * stride, cellsAt(shard, t) + skipped,
                cellsAt(shard, t + 1) + skipped, first + skipped, (to - from) * rows * PANEL);
        for (int panel = from; panel < to; panel++) {
            int chunk = panel * rows * PANEL;
            emit(gatesAt(shard, t) + 3 * rows * stride + chunk, first + chunk, first + t * distance + panel * PANEL,
                    rows);
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

    /** Turns sums of one step, of gates {@code size} apart, into gates, cells and tanh of the cells. */
    private void activate(int inputGate, int size, int cellsBefore, int cellsAfter, int tanhTo, int count) {
        activation.apply(gates, inputGate, count);
        activation.apply(gates, inputGate + size, count);
        Activations.tanh(gates, inputGate + 2 * size, gates, inputGate + 2 * size, count);
        activation.apply(gates, inputGate + 3 * size, count);
        update(inputGate, size, cellsBefore, cellsAfter, count);
        Activations.tanh(cells, cellsAfter, tanhCells, tanhTo, count);
    }

    /** c = f c + i c~. */
    private void update(int inputGate, int size, int before, int after, int count) {
        int forgetGate = inputGate + size;
        int candidate = forgetGate + size;
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector added = load(gates, inputGate + j).mul(load(gates, candidate + j));
            flushed(load(gates, forgetGate + j).fma(load(cells, before + j), added), coarse)
                    .intoArray(cells, after + j);
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
