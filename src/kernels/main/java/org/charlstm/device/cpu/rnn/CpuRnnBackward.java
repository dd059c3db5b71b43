package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.rnn.CpuRnnLayer.ROWS;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;

import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Gemm;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.Workers;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent layer's backward pass, shard by shard like the forward one, or with threads that share each shard: step
 * by step through the cell, and then each with its columns of the weights' gradients. Each shard has gradients of its
 * own, which are summed in shard order at the end.
 */
final class CpuRnnBackward {
    private final Workers workers;
    private final CpuRnnLayer layer;
    private final CpuRnnLayout layout;
    private final CpuCell cell;
    private final int stride;
    /** The recurrent kernel transposed, in panels of the hidden units. */
    private final float[] transposed;
    /** The kernel likewise, in panels of the input's columns; empty if that is ids. */
    private final float[] transposedKernel;
    private final CpuRnnWeightGradients weightGradients;
    /** Of a shard's rows in a matrix of h, and of rows that all begin with the same. */
    private final int[] rowPlaces;
    private final int[] same = Gemm.places(ROWS, 0);
    private final Workers.Shard transposePanel = this::transposePanel;
    private final Workers.Shard backwardShard = this::backwardShard;
    private final Workers.Shard backwardPart = this::backwardPart;
    private final Workers.Shard gradientPart = this::gradientPart;
    private float[] weights = {};
    private float[] outputGradient = {};
    private float[] inputGradient = {};
    private int step;
    private int stage;

    CpuRnnBackward(Workers workers, CpuRnnLayer layer) {
        this.workers = workers;
        this.layer = layer;
        layout = layer.layout;
        cell = layer.cell;
        stride = layer.stride;
        rowPlaces = Gemm.places(ROWS, PANEL);
        transposed = CpuMatrix.floats((long) layout.width() * stride);
        transposedKernel = CpuMatrix.floats((long) layout.width() * layout.inputStride());
        weightGradients = new CpuRnnWeightGradients(workers, layer);
    }

    /** Takes what forward took and dL/dh; gives all gradients, that of the input unless it is ids. */
    void run(float[] flatWeights, int[] inputs, float[] rows, float[] hidden, float[] hiddenGradient,
            float[] flatGradients, float[] rowsGradient) {
        weights = flatWeights;
        weightGradients.over(inputs, rows, hidden);
        outputGradient = hiddenGradient;
        inputGradient = rowsGradient;
        workers.run(layout.panels(), transposePanel);
        if (layer.parts == 1) {
            workers.run(layer.shards(), backwardShard);
        } else {
            for (int shard = 0; shard < layer.shards(); shard++) {
                begin(shard);
            }
            for (step = layer.shape.steps() - 1; step >= 0; step--) {
                for (stage = 0; stage < layer.form.stages(); stage++) {
                    workers.run(layer.shards() * layer.parts, backwardPart);
                }
            }
            workers.run(layer.shards() * layer.parts, gradientPart);
        }
        weightGradients.into(flatGradients);
    }

    /** After {@link #run}, the gradients of the state before the first step, in its rows from {@code stateRow} on. */
    void toState(float[] hidden, float @Nullable [] cells, int stateRow) {
        for (int shard = 0; shard < layer.shards(); shard++) {
            addHiddenGradient(shard, 0, Gemm.zeros(), ORIGIN, 0, same, 0, stride / PANEL);
            cell.addCarried(shard);
            Panels.unpack(cell.hiddenGradients, cell.panelsAt(shard, 0), layer.rows(shard) * PANEL, layer.rows(shard),
                    hidden,
                    layer.rowsAt(shard, 0) + stateRow * stride, stride);
            if (cells != null) {
                cell.endBack(shard, cells, stateRow);
            }
        }
    }

    private void transposePanel(int q) {
        transposePanel(layer.offset + layout.recurrentOffset() + q * layout.panelSize(), layer.shape.hidden(), q,
                transposed);
        if (!layout.ids()) {
            transposePanel(layer.offset + q * layout.kernelPanelSize(), layout.inputs(), q, transposedKernel);
        }
    }

    private void transposePanel(int from, int rows, int q, float[] into) {
        for (int k = 0; k < rows; k++) {
            int to = ORIGIN + k / PANEL * layout.width() * PANEL + q * PANEL * PANEL + k % PANEL;
            for (int j = 0; j < PANEL; j++) {
                into[to + j * PANEL] = weights[from + k * PANEL + j];
            }
        }
    }

    private void backwardShard(int shard) {
        begin(shard);
        for (int t = layer.shape.steps() - 1; t >= 0; t--) {
            for (int s = 0; s < layer.form.stages(); s++) {
                throughStep(shard, t, s, 0, stride / PANEL);
            }
            backOf(shard, t, 0, stride / PANEL, 0, layout.inputStride() / PANEL);
        }
    }

    private void backwardPart(int task) {
        throughStep(task / layer.parts, step, stage, layer.firstPanel(task), layer.endPanel(task));
    }

    private void gradientPart(int task) {
        int inputPanels = layout.inputStride() / PANEL;
        int part = task % layer.parts;
        for (int t = layer.shape.steps() - 1; t >= 0; t--) {
            backOf(task / layer.parts, t, layer.firstPanel(task), layer.endPanel(task),
                    inputPanels * part / layer.parts, inputPanels * (part + 1) / layer.parts);
        }
    }

    private void begin(int shard) {
        weightGradients.clear(shard);
        cell.beginBack(shard);
    }

    /** Replaces a stage's part of a step's slots by their sums' gradients, in panels {@code from} to {@code to} - 1. */
    private void throughStep(int shard, int t, int s, int from, int to) {
        int rows = layer.rows(shard);
        int row = layer.rowsAt(shard, t) + from * PANEL;
        if (s == 1) {
            addProduct(layer.slotsAt(shard, t), 1, layer.form.recurrent(), Gemm.zeros(), ORIGIN, 0, same,
                    cell.operandGradients, shard, from, to);
        } else {
            Panels.pack(outputGradient, row, stride, rows, (to - from) * PANEL, cell.hiddenGradients,
                    cell.panelsAt(shard, from), rows * PANEL);
            if (t < layer.shape.steps() - 1) {
                addHiddenGradient(shard, t + 1, cell.hiddenGradients, cell.panelsAt(shard, from), rows * PANEL,
                        rowPlaces, from, to);
            }
        }
        cell.backward(shard, t, s, from, to);
    }

    /** Adds a step's gradients of the weights and the input, in a share of their panels. */
    private void backOf(int shard, int t, int from, int to, int firstOfInput, int endOfInput) {
        if (firstOfInput < endOfInput) {
            inputGradient(layer.slotsAt(shard, t),
                    ORIGIN + (shard * ROWS + t * layer.shape.batch()) * layout.inputStride(), layer.rows(shard),
                    firstOfInput, endOfInput);
        }
        weightGradients.add(shard, t, from, to);
    }

    /** The input's gradient at one step: the sums' gradients times the transposed kernel. */
    private void inputGradient(int from, int to, int rows, int firstPanel, int endPanel) {
        Gemm.multiply(layer.slots, from, rows * PANEL, layout.panels(), transposedKernel,
                ORIGIN + firstPanel * layout.width() * PANEL, layout.width() * PANEL, Gemm.zeros(), ORIGIN, 0, same, 0,
                inputGradient, to + firstPanel * PANEL, PANEL, layout.inputStride(), rows, endPanel - firstPanel);
    }

    /** dL/dh before step t: what reaches it through that step's products, added to rows that begin so. */
    private void addHiddenGradient(int shard, int t, float[] begun, int at, int panel, int[] places, int from, int to) {
        addProduct(layer.slotsAt(shard, t) + layer.form.first() * layer.rows(shard) * stride, layer.form.recurrent(), 0,
                begun, at, panel, places, cell.hiddenGradients, shard, from, to);
    }

    /** The gradients of some gates' sums times those gates' part of the transposed recurrent kernel. */
    private void addProduct(int slot, int count, int gate, float[] begun, int at, int panel, int[] places, float[] into,
            int shard, int from, int to) {
        int rows = layer.rows(shard);
        Gemm.multiply(layer.slots, slot, rows * PANEL, count * (stride / PANEL), transposed,
                ORIGIN + (from * layout.width() + gate * stride) * PANEL, layout.width() * PANEL, begun, at, panel,
                places, 0, into, cell.panelsAt(shard, from), rows * PANEL, PANEL, rows, to - from);
    }
}
