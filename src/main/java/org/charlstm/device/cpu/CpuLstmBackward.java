package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.CpuLstmLayer.ROWS;
import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.all;
import static org.charlstm.device.cpu.Lanes.flushed;
import static org.charlstm.device.cpu.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * An LSTM layer's backward pass, shard by shard like the forward one. Each shard has gradients of its own, which are
 * summed in shard order at the end.
 */
final class CpuLstmBackward {
    /** Steps whose share of the recurrent kernel's gradient is one product: long enough to pay, short enough for L2. */
    private static final int BLOCK = 8;

    private final Workers workers;
    private final CpuLstmLayer lstm;
    private final CpuLstmLayout layout;
    private final int stride;
    /** The recurrent kernel transposed, in panels of the hidden units. */
    private final float[] transposed;
    /** The kernel likewise, in panels of the units below; null if the input is ids. */
    private final float[] transposedKernel;
    private final ShardSums sums;
    /** dL/dh and dL/dc of one step: for each shard, in panels like one gate. */
    private final float[] hiddenGradients;
    private final float[] cellGradients;
    private final Workers.Shard transposePanel = this::transposePanel;
    private final Workers.Shard backwardShard = this::backwardShard;
    private float[] weights;
    private int[] ids;
    private float[] below;
    private float[] output;
    private float[] outputGradient;
    private float[] belowGradient;

    CpuLstmBackward(Workers workers, CpuLstmLayer lstm) {
        this.workers = workers;
        this.lstm = lstm;
        layout = lstm.layout;
        stride = lstm.stride;
        transposed = CpuMemory.floats((long) layout.width() * stride);
        transposedKernel = layout.ids() ? null : CpuMemory.floats((long) layout.width() * stride);
        sums = new ShardSums(workers, lstm.shards(), layout.size());
        hiddenGradients = CpuMemory.floats((long) lstm.shape.batch() * stride);
        cellGradients = CpuMemory.floats((long) lstm.shape.batch() * stride);
    }

    /** Takes what forward took and dL/dh; gives all gradients, and dL/dh of the layer below if there is one. */
    void run(float[] flatWeights, int[] inputs, float[] hiddenBelow, float[] hidden, float[] hiddenGradient,
            float[] flatGradients, float[] gradientBelow) {
        weights = flatWeights;
        ids = inputs;
        below = hiddenBelow;
        output = hidden;
        outputGradient = hiddenGradient;
        belowGradient = gradientBelow;
        workers.run(layout.panels(), transposePanel);
        workers.run(lstm.shards(), backwardShard);
        sums.into(flatGradients, lstm.offset);
        if (ids != null) {
            sumBias(flatGradients);
        }
    }

    private void transposePanel(int q) {
        transposePanel(q, layout.recurrentOffset(), transposed);
        if (transposedKernel != null) {
            transposePanel(q, 0, transposedKernel);
        }
    }

    private void transposePanel(int q, int kernel, float[] into) {
        int from = lstm.offset + kernel + q * layout.panelSize();
        for (int k = 0; k < lstm.shape.hidden(); k++) {
            int to = ORIGIN + k / PANEL * layout.width() * PANEL + q * PANEL * PANEL + k % PANEL;
            for (int j = 0; j < PANEL; j++) {
                into[to + j * PANEL] = weights[from + k * PANEL + j];
            }
        }
    }

    private void backwardShard(int shard) {
        int rows = lstm.rows(shard);
        int first = ORIGIN + shard * ROWS * stride;
        int batch = lstm.shape.batch();
        float[] partial = sums.of(shard);
        Arrays.fill(partial, 0f);
        Arrays.fill(hiddenGradients, first, first + rows * stride, 0f);
        Arrays.fill(cellGradients, first, first + rows * stride, 0f);
        int blockEnd = lstm.shape.steps();
        for (int t = lstm.shape.steps() - 1; t >= 0; t--) {
            int gates = lstm.gatesAt(shard, t);
            differentiate(gates, lstm.cellsAt(shard, t), lstm.cellsAt(shard, t + 1), first + t * batch * stride, first,
                    rows);
            if (ids != null) {
                scatter(gates, t * batch + shard * ROWS, rows, partial);
            } else {
                sumBias(gates, rows, partial);
                inputGradient(gates, first + t * batch * stride, rows);
            }
            if (t > 0) {
                hiddenGradient(gates, first, rows);
            }
            if (t % BLOCK == 0) {
                recurrentGradient(shard, t, blockEnd, partial);
                if (ids == null) {
                    kernelGradient(shard, t, blockEnd, partial);
                }
                blockEnd = t;
            }
        }
    }

    /** Replaces one step's gates by the gradients of their sums, and steps the cells' gradients back. */
    private void differentiate(int gatesFrom, int cellsBefore, int cellsAfter, int outputFrom, int first, int rows) {
        int size = rows * stride;
        for (int panel = 0; panel < stride / PANEL; panel++) {
            int chunk = panel * rows * PANEL;
            addRows(outputFrom + panel * PANEL, first + chunk, rows);
        }
        Activations.tanh(lstm.cells, cellsAfter, lstm.tanhCells, first, size);
        if (lstm.hardSigmoid) {
            HardSigmoid.throughOutput(lstm.gates, gatesFrom + 3 * size, hiddenGradients, lstm.tanhCells, cellGradients,
                    first, size);
            HardSigmoid.throughCell(lstm.gates, gatesFrom, size, lstm.cells, cellsBefore, cellGradients, first);
        } else {
            throughOutput(gatesFrom + 3 * size, first, size);
            throughCell(gatesFrom, cellsBefore, first, size);
        }
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

    /** From dL/dh to the output gate's sum and, added, to the cell. */
    private void throughOutput(int outputGate, int first, int size) {
        float[] gates = lstm.gates;
        FloatVector one = all(1f);
        for (int j = 0; j < size; j += COUNT) {
            FloatVector tanhC = load(lstm.tanhCells, first + j);
            FloatVector o = load(gates, outputGate + j);
            FloatVector dho = load(hiddenGradients, first + j).mul(o);
            dho.mul(one.sub(tanhC.mul(tanhC))).add(load(cellGradients, first + j)).intoArray(cellGradients, first + j);
            flushed(dho.mul(tanhC).mul(one.sub(o))).intoArray(gates, outputGate + j);
        }
    }

    /** From dL/dc to the sums of the other gates and to the cell of the step before. */
    private void throughCell(int inputGate, int cellBefore, int first, int size) {
        float[] gates = lstm.gates;
        int forgetGate = inputGate + size;
        int candidate = forgetGate + size;
        FloatVector one = all(1f);
        for (int j = 0; j < size; j += COUNT) {
            FloatVector i = load(gates, inputGate + j);
            FloatVector f = load(gates, forgetGate + j);
            FloatVector g = load(gates, candidate + j);
            FloatVector dc = load(cellGradients, first + j);
            FloatVector dcf = dc.mul(f);
            FloatVector dci = dc.mul(i);
            flushed(dcf).intoArray(cellGradients, first + j);
            flushed(dci.mul(g).mul(one.sub(i))).intoArray(gates, inputGate + j);
            flushed(dcf.mul(load(lstm.cells, cellBefore + j)).mul(one.sub(f))).intoArray(gates, forgetGate + j);
            flushed(dci.mul(one.sub(g.mul(g)))).intoArray(gates, candidate + j);
        }
    }

    /** The kernel's gradient: each row adds to the row of its id. */
    private void scatter(int gatesFrom, int id, int rows, float[] partial) {
        for (int r = 0; r < rows; r++) {
            int to = ORIGIN + ids[id + r] * layout.width();
            for (int q = 0; q < layout.panels(); q++) {
                int from = gatesFrom + (q * rows + r) * PANEL;
                int at = to + q * PANEL;
                load(partial, at).add(load(lstm.gates, from)).intoArray(partial, at);
                load(partial, at + COUNT).add(load(lstm.gates, from + COUNT)).intoArray(partial, at + COUNT);
            }
        }
    }

    /** The bias' gradient where no one-hot input gives it: the sum of the rows. */
    private void sumBias(int gatesFrom, int rows, float[] partial) {
        for (int q = 0; q < layout.panels(); q++) {
            int at = ORIGIN + layout.biasOffset() + q * PANEL;
            FloatVector sum0 = load(partial, at);
            FloatVector sum1 = load(partial, at + COUNT);
            for (int r = 0; r < rows; r++) {
                int from = gatesFrom + (q * rows + r) * PANEL;
                sum0 = sum0.add(load(lstm.gates, from));
                sum1 = sum1.add(load(lstm.gates, from + COUNT));
            }
            sum0.intoArray(partial, at);
            sum1.intoArray(partial, at + COUNT);
        }
    }

    /** dL/dh of the layer below at the same step: the gates' gradients times the transposed kernel. */
    private void inputGradient(int gatesFrom, int to, int rows) {
        for (int r = 0; r < rows; r++) {
            Arrays.fill(belowGradient, to + r * stride, to + (r + 1) * stride, 0f);
        }
        for (int panel = 0; panel < stride / PANEL; panel++) {
            Gemm.alongRows(lstm.gates, gatesFrom, PANEL, rows * PANEL, transposedKernel,
                    ORIGIN + panel * layout.width() * PANEL, PANEL * PANEL, layout.panels(), PANEL, belowGradient,
                    to + panel * PANEL, stride, rows);
        }
    }

    /** The kernel's gradient from steps {@code from} to {@code to} - 1: h of the layer below times gates. */
    private void kernelGradient(int shard, int from, int to, float[] partial) {
        int rows = lstm.rows(shard);
        int step = lstm.shape.batch() * stride;
        int first = ORIGIN + shard * ROWS * stride + from * step;
        for (int q = 0; q < layout.panels(); q++) {
            Gemm.alongColumns(below, first, stride, step, lstm.gates, lstm.gatesAt(shard, from) + q * rows * PANEL,
                    rows * layout.width(), to - from, rows, partial, ORIGIN + q * layout.panelSize(), PANEL, stride);
        }
    }

    /** dL/dh of the step before: the gates' gradients times the transposed recurrent kernel. */
    private void hiddenGradient(int gatesFrom, int first, int rows) {
        Arrays.fill(hiddenGradients, first, first + rows * stride, 0f);
        for (int panel = 0; panel < stride / PANEL; panel++) {
            Gemm.alongRows(lstm.gates, gatesFrom, PANEL, rows * PANEL, transposed,
                    ORIGIN + panel * layout.width() * PANEL,
                    PANEL * PANEL, layout.panels(), PANEL, hiddenGradients,
                    first + panel * rows * PANEL, PANEL, rows);
        }
    }

    /** The recurrent kernel's gradient from steps {@code from} to {@code to} - 1: h of the step before times gates. */
    private void recurrentGradient(int shard, int from, int to, float[] partial) {
        int rows = lstm.rows(shard);
        int first = ORIGIN + shard * ROWS * stride;
        int step = lstm.shape.batch() * stride;
        int start = Math.max(from, 1);
        for (int q = 0; q < layout.panels(); q++) {
            int sum = ORIGIN + layout.recurrentOffset() + q * layout.panelSize();
            if (from == 0 && !lstm.startsAtZero()) {
                Gemm.alongColumns(lstm.firstHidden, first, stride, 0, lstm.gates,
                        lstm.gatesAt(shard, 0) + q * rows * PANEL, 0, 1, rows, partial, sum, PANEL, stride);
            }
            if (start < to) {
                Gemm.alongColumns(output, first + (start - 1) * step, stride, step, lstm.gates,
                        lstm.gatesAt(shard, start) + q * rows * PANEL, rows * layout.width(), to - start, rows,
                        partial, sum, PANEL, stride);
            }
        }
    }

    /** Each input is one-hot, so the bias' gradient is the sum of the kernel's rows. */
    private void sumBias(float[] flat) {
        int bias = lstm.offset + layout.biasOffset();
        Arrays.fill(flat, bias, bias + layout.width(), 0f);
        for (int v = 0; v < layout.inputs(); v++) {
            for (int j = 0; j < layout.width(); j += COUNT) {
                load(flat, bias + j).add(load(flat, lstm.offset + v * layout.width() + j)).intoArray(flat, bias + j);
            }
        }
    }
}
