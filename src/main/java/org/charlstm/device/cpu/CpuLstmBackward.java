package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.CpuLstmLayer.ROWS;
import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.coarse;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * An LSTM layer's backward pass, shard by shard like the forward one, or with threads that share each shard: step by
 * step through the gates, and then each with its columns of the weights' gradients. Each shard has gradients of its
 * own, which are summed in shard order at the end.
 */
final class CpuLstmBackward {
    private final Workers workers;
    private final CpuLstmLayer lstm;
    private final CpuLstmLayout layout;
    private final int stride;
    /** The recurrent kernel transposed, in panels of the hidden units. */
    private final float[] transposed;
    /** The kernel likewise, in panels of the input's columns; null if that is ids. */
    private final float[] transposedKernel;
    private final CpuLstmWeightGradients weightGradients;
    /** dL/dh and dL/dc of one step: for each shard, in panels like one gate. */
    private final float[] hiddenGradients;
    private final float[] cellGradients;
    private final Workers.Shard transposePanel = this::transposePanel;
    private final Workers.Shard backwardShard = this::backwardShard;
    private final Workers.Shard backwardPart = this::backwardPart;
    private final Workers.Shard gradientPart = this::gradientPart;
    private float[] weights;
    private float[] outputGradient;
    private float[] inputGradient;
    private int step;

    CpuLstmBackward(Workers workers, CpuLstmLayer lstm) {
        this.workers = workers;
        this.lstm = lstm;
        layout = lstm.layout;
        stride = lstm.stride;
        transposed = CpuMemory.floats((long) layout.width() * stride);
        transposedKernel = layout.ids() ? null : CpuMemory.floats((long) layout.width() * layout.inputStride());
        weightGradients = new CpuLstmWeightGradients(workers, lstm);
        hiddenGradients = CpuMemory.floats((long) lstm.shape.batch() * stride);
        cellGradients = CpuMemory.floats((long) lstm.shape.batch() * stride);
    }

    /** Takes what forward took and dL/dh; gives all gradients, that of the input unless it is ids. */
    void run(float[] flatWeights, int[] inputs, float[] rows, float[] hidden, float[] hiddenGradient,
            float[] flatGradients, float[] rowsGradient) {
        weights = flatWeights;
        weightGradients.over(inputs, rows, hidden);
        outputGradient = hiddenGradient;
        inputGradient = rowsGradient;
        workers.run(layout.panels(), transposePanel);
        if (lstm.parts == 1) {
            workers.run(lstm.shards(), backwardShard);
        } else {
            for (int shard = 0; shard < lstm.shards(); shard++) {
                begin(shard);
            }
            for (step = lstm.shape.steps() - 1; step >= 0; step--) {
                workers.run(lstm.shards() * lstm.parts, backwardPart);
            }
            workers.run(lstm.shards() * lstm.parts, gradientPart);
        }
        weightGradients.into(flatGradients);
    }

    private void transposePanel(int q) {
        transposePanel(lstm.offset + layout.recurrentOffset() + q * layout.panelSize(), lstm.shape.hidden(), q,
                transposed);
        if (transposedKernel != null) {
            transposePanel(lstm.offset + q * layout.kernelPanelSize(), layout.inputs(), q, transposedKernel);
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
        for (int t = lstm.shape.steps() - 1; t >= 0; t--) {
            throughStep(shard, t, 0, stride / PANEL);
            backOf(shard, t, 0, stride / PANEL, 0, layout.inputStride() / PANEL);
        }
    }

    private void backwardPart(int task) {
        throughStep(task / lstm.parts, step, lstm.firstPanel(task), lstm.endPanel(task));
    }

    private void gradientPart(int task) {
        int inputPanels = layout.inputStride() / PANEL;
        int part = task % lstm.parts;
        for (int t = lstm.shape.steps() - 1; t >= 0; t--) {
            backOf(task / lstm.parts, t, lstm.firstPanel(task), lstm.endPanel(task), inputPanels * part / lstm.parts,
                    inputPanels * (part + 1) / lstm.parts);
        }
    }

    private void begin(int shard) {
        int first = ORIGIN + shard * ROWS * stride;
        weightGradients.clear(shard);
        Arrays.fill(cellGradients, first, first + lstm.rows(shard) * stride, 0f);
    }

    /**
     * Replaces one step's gates by the gradients of their sums, and steps the cells' gradients back, for the units of
     * the panels {@code from} to {@code to} - 1.
     */
    private void throughStep(int shard, int t, int from, int to) {
        int rows = lstm.rows(shard);
        int size = rows * stride;
        int skipped = from * rows * PANEL;
        int count = (to - from) * rows * PANEL;
        int first = ORIGIN + shard * ROWS * stride;
        int gates = lstm.gatesAt(shard, t) + skipped;
        Arrays.fill(hiddenGradients, first + skipped, first + skipped + count, 0f);
        if (t < lstm.shape.steps() - 1) {
            hiddenGradient(lstm.gatesAt(shard, t + 1), first + skipped, rows, from, to);
        }
        for (int panel = from; panel < to; panel++) {
            addRows(first + t * lstm.shape.batch() * stride + panel * PANEL, first + panel * rows * PANEL, rows);
        }
        Activations.tanh(lstm.cells, lstm.cellsAt(shard, t + 1) + skipped, lstm.tanhCells, first + skipped, count);
        int cells = lstm.cellsAt(shard, t) + skipped;
        if (lstm.hardSigmoid) {
            HardSigmoid.throughGates(lstm.gates, gates, size, lstm.cells, cells, lstm.tanhCells, hiddenGradients,
                    cellGradients, first + skipped, count);
        } else {
            throughGates(gates, size, cells, first + skipped, count);
        }
    }

    /** What a step gives to the weights and to the input, in a share of their panels. */
    private void backOf(int shard, int t, int from, int to, int firstOfInput, int endOfInput) {
        if (firstOfInput < endOfInput) {
            inputGradient(lstm.gatesAt(shard, t),
                    ORIGIN + (shard * ROWS + t * lstm.shape.batch()) * layout.inputStride(), lstm.rows(shard),
                    firstOfInput, endOfInput);
        }
        weightGradients.add(shard, t, 4 * from, 4 * to);
    }

    /** Adds the output's gradient to dL/dh for one panel of units, from rows to panels. */
    private void addRows(int from, int to, int rows) {
        for (int r = 0; r < rows; r++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                int at = to + r * PANEL + half;
                load(outputGradient, from + r * stride + half).add(load(hiddenGradients, at))
                        .intoArray(hiddenGradients, at);
            }
        }
    }

    /**
     * From dL/dh to the sums of all gates, in their place, and to the cell of the step before. It is one loop, for then
     * it is too large to be inlined: within its caller the compiler would put some of the vectors on the heap.
     */
    private void throughGates(int inputGate, int size, int cellBefore, int first, int count) {
        float[] gates = lstm.gates;
        int forgetGate = inputGate + size;
        int candidate = forgetGate + size;
        int outputGate = candidate + size;
        FloatVector one = all(1f);
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector tanhC = load(lstm.tanhCells, first + j);
            FloatVector o = load(gates, outputGate + j);
            FloatVector dho = load(hiddenGradients, first + j).mul(o);
            flushed(dho.mul(tanhC).mul(one.sub(o)), coarse).intoArray(gates, outputGate + j);
            FloatVector dc = dho.mul(one.sub(tanhC.mul(tanhC))).add(load(cellGradients, first + j));
            FloatVector i = load(gates, inputGate + j);
            FloatVector f = load(gates, forgetGate + j);
            FloatVector g = load(gates, candidate + j);
            FloatVector dcf = dc.mul(f);
            FloatVector dci = dc.mul(i);
            flushed(dcf, coarse).intoArray(cellGradients, first + j);
            flushed(dci.mul(g).mul(one.sub(i)), coarse).intoArray(gates, inputGate + j);
            flushed(dcf.mul(load(lstm.cells, cellBefore + j)).mul(one.sub(f)), coarse).intoArray(gates, forgetGate + j);
            flushed(dci.mul(one.sub(g.mul(g))), coarse).intoArray(gates, candidate + j);
        }
    }

    /** The input's gradient at one step: the gates' gradients times the transposed kernel. */
    private void inputGradient(int gatesFrom, int to, int rows, int firstPanel, int endPanel) {
        for (int r = 0; r < rows; r++) {
            int row = to + r * layout.inputStride();
            Arrays.fill(inputGradient, row + firstPanel * PANEL, row + endPanel * PANEL, 0f);
        }
        Gemm.multiply(lstm.gates, gatesFrom, rows * PANEL, layout.panels(), transposedKernel,
                ORIGIN + firstPanel * layout.width() * PANEL, layout.width() * PANEL, inputGradient,
                to + firstPanel * PANEL, PANEL, layout.inputStride(), rows, endPanel - firstPanel);
    }

    /** dL/dh: the gradients of the next step's gates times the transposed recurrent kernel. */
    private void hiddenGradient(int gatesFrom, int to, int rows, int firstPanel, int endPanel) {
        Gemm.multiply(lstm.gates, gatesFrom, rows * PANEL, layout.panels(), transposed,
                ORIGIN + firstPanel * layout.width() * PANEL, layout.width() * PANEL, hiddenGradients, to,
                rows * PANEL, PANEL, rows, endPanel - firstPanel);
    }
}
