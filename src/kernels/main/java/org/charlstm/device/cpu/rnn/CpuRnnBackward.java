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
 * A recurrent layer's backward pass. Like the forward pass, it runs shard by shard, or several threads share each
 * shard: they go step by step through the cell, and then each thread computes its columns of the weights' gradients.
 * Each shard has its own gradients, which are summed in shard order at the end.
 */
final class CpuRnnBackward {
    private final Workers workers;
    private final CpuRnnLayer layer;
    private final CpuRnnLayout layout;
    private final CpuCell cell;
    private final int stride;
    /** The recurrent kernel transposed, in panels of the hidden units. */
    private final float[] transposed;
    /** The kernel transposed, in panels of the input's columns; empty if the input is ids. */
    private final float[] transposedKernel;
    private final CpuRnnWeightGradients weightGradients;
    /** The offsets of a shard's rows in a panel, and the offsets of rows that all begin with the same sums. */
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

    /** Takes forward's arguments and dL/dh; writes all gradients, except the input's gradient if the input is ids. */
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

    /** After {@link #run}, writes the gradients of the state before the first step, from row {@code stateRow} on. */
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

    /** Replaces a stage's slots of a step by the gradients of their sums, in panels {@code from} to {@code to} - 1. */
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

    /** Adds a step's gradients of the weights and writes the input's gradient, in a share of the panels. */
    private void backOf(int shard, int t, int from, int to, int firstOfInput, int endOfInput) {
        if (firstOfInput < endOfInput) {
            inputGradient(layer.slotsAt(shard, t),
                    ORIGIN + (shard * ROWS + t * layer.shape.batch()) * layout.inputStride(), layer.rows(shard),
                    firstOfInput, endOfInput);
        }
        weightGradients.add(shard, t, from, to);
    }

    /** Computes the input's gradient at one step: the sums' gradients times the transposed kernel. */
    private void inputGradient(int from, int to, int rows, int firstPanel, int endPanel) {
        Gemm.multiply(layer.slots, from, rows * PANEL, layout.panels(), transposedKernel,
                ORIGIN + firstPanel * layout.width() * PANEL, layout.width() * PANEL, Gemm.zeros(), ORIGIN, 0, same, 0,
                inputGradient, to + firstPanel * PANEL, PANEL, layout.inputStride(), rows, endPanel - firstPanel);
    }

    /** Adds to dL/dh before step t, which begins with some rows, the part that passes through that step's products. */
    private void addHiddenGradient(int shard, int t, float[] begun, int at, int panel, int[] places, int from, int to) {
        addProduct(layer.slotsAt(shard, t) + layer.form.first() * layer.rows(shard) * stride, layer.form.recurrent(), 0,
                begun, at, panel, places, cell.hiddenGradients, shard, from, to);
    }

    /** Adds the gradients of some gates' sums times the same gates' part of the transposed recurrent kernel. */
    private void addProduct(int slot, int count, int gate, float[] begun, int at, int panel, int[] places, float[] into,
            int shard, int from, int to) {
        int rows = layer.rows(shard);
        Gemm.multiply(layer.slots, slot, rows * PANEL, count * (stride / PANEL), transposed,
                ORIGIN + (from * layout.width() + gate * stride) * PANEL, layout.width() * PANEL, begun, at, panel,
                places, 0, into, cell.panelsAt(shard, from), rows * PANEL, PANEL, rows, to - from);
    }
}
