package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.CpuLstmLayer.ROWS;
import static org.charlstm.device.cpu.Lanes.COUNT;
import static org.charlstm.device.cpu.Lanes.ORIGIN;
import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** The gradients of an LSTM layer's weights, from those of the gates' sums; each shard sums its own. */
final class CpuLstmWeightGradients {
    /** Rows whose share of the recurrent kernel's gradient is one product: enough to pay, few enough for L2. */
    private static final int BLOCK = 128;

    private final CpuLstmLayer lstm;
    private final CpuLstmLayout layout;
    private final int stride;
    private final ShardSums sums;
    private int[] ids;
    private float[] below;
    private float[] output;

    CpuLstmWeightGradients(Workers workers, CpuLstmLayer lstm) {
        this.lstm = lstm;
        layout = lstm.layout;
        stride = lstm.stride;
        sums = new ShardSums(workers, lstm.shards(), layout.size());
    }

    /** Takes what forward took: ids, or h of the layer below; and h. */
    void over(int[] inputs, float[] hiddenBelow, float[] hidden) {
        ids = inputs;
        below = hiddenBelow;
        output = hidden;
    }

    void clear(int shard) {
        Arrays.fill(sums.of(shard), 0f);
    }

    /**
     * Adds what a step gives, in the panels {@code first} to {@code end} - 1 of the gates. The recurrent kernel's comes
     * for a block of steps at a time.
     */
    void add(int shard, int t, int first, int end) {
        int rows = lstm.rows(shard);
        int gates = lstm.gatesAt(shard, t);
        float[] partial = sums.of(shard);
        if (ids != null) {
            scatter(gates, t * lstm.shape.batch() + shard * ROWS, rows, partial, first, end);
        } else {
            sumBias(gates, rows, partial, first, end);
        }
        int block = BLOCK / rows;
        if (t % block == 0) {
            int blockEnd = Math.min(lstm.shape.steps(), t + block);
            for (int q = first; q < end; q++) {
                recurrentGradient(shard, t, blockEnd, partial, q);
                if (ids == null) {
                    kernelGradient(shard, t, blockEnd, partial, q);
                }
            }
        }
    }

    void into(float[] flat) {
        sums.into(flat, lstm.offset);
        if (ids != null) {
            sumBias(flat);
        }
    }

    /** The kernel's gradient: each row adds to the row of its id. */
    private void scatter(int gatesFrom, int id, int rows, float[] partial, int firstPanel, int endPanel) {
        for (int r = 0; r < rows; r++) {
            int to = ORIGIN + ids[id + r] * layout.width();
            for (int q = firstPanel; q < endPanel; q++) {
                int from = gatesFrom + (q * rows + r) * PANEL;
                int at = to + q * PANEL;
                load(partial, at).add(load(lstm.gates, from)).intoArray(partial, at);
                load(partial, at + COUNT).add(load(lstm.gates, from + COUNT)).intoArray(partial, at + COUNT);
            }
        }
    }

    /** The bias' gradient where no one-hot input gives it: the sum of the rows. */
    private void sumBias(int gatesFrom, int rows, float[] partial, int firstPanel, int endPanel) {
        for (int q = firstPanel; q < endPanel; q++) {
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

    /** One panel of the kernel's gradient from steps {@code from} to {@code to} - 1: h of the layer below, gates. */
    private void kernelGradient(int shard, int from, int to, float[] partial, int q) {
        int rows = lstm.rows(shard);
        int distance = lstm.shape.batch() * stride;
        int first = ORIGIN + shard * ROWS * stride + from * distance;
        Gemm.alongColumns(below, first, stride, distance, lstm.gates, lstm.gatesAt(shard, from) + q * rows * PANEL,
                rows * layout.width(), to - from, rows, partial, ORIGIN + q * layout.panelSize(), PANEL, stride);
    }

    /** The same of the recurrent kernel: h of the step before times gates. */
    private void recurrentGradient(int shard, int from, int to, float[] partial, int q) {
        int rows = lstm.rows(shard);
        int first = ORIGIN + shard * ROWS * stride;
        int distance = lstm.shape.batch() * stride;
        int start = Math.max(from, 1);
        int sum = ORIGIN + layout.recurrentOffset() + q * layout.panelSize();
        if (from == 0 && !lstm.startsAtZero()) {
            Gemm.alongColumns(lstm.firstHidden, first, stride, 0, lstm.gates,
                    lstm.gatesAt(shard, 0) + q * rows * PANEL, 0, 1, rows, partial, sum, PANEL, stride);
        }
        if (start < to) {
            Gemm.alongColumns(output, first + (start - 1) * distance, stride, distance, lstm.gates,
                    lstm.gatesAt(shard, start) + q * rows * PANEL, rows * layout.width(), to - start, rows, partial,
                    sum, PANEL, stride);
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
