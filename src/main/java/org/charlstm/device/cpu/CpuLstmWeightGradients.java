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
    /** Rows whose share of a kernel's gradient is one product: enough to pay, few enough for the cache. */
    private static final int BLOCK = 128;

    private final CpuLstmLayer lstm;
    private final CpuLstmLayout layout;
    private final int stride;
    private final ShardSums sums;
    /** A block of h or of the input, transposed, and one of a panel of the gates; each thread's own. */
    private final ThreadLocal<float[]> transposed;
    private final ThreadLocal<float[]> gatesBlock;
    private int[] ids;
    private float[] numbers;
    private float[] output;

    CpuLstmWeightGradients(Workers workers, CpuLstmLayer lstm) {
        this.lstm = lstm;
        layout = lstm.layout;
        stride = lstm.stride;
        sums = new ShardSums(workers, lstm.shards(), layout.size());
        transposed = Panels.place(BLOCK, Math.max(stride, layout.inputStride()));
        gatesBlock = Panels.place(BLOCK, PANEL);
    }

    /** Takes what forward took, ids or numbers; and h. */
    void over(int[] inputs, float[] rows, float[] hidden) {
        ids = inputs;
        numbers = rows;
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
            recurrentGradient(shard, t, blockEnd, partial, first, end);
            if (ids == null) {
                kernelGradient(shard, t, blockEnd, partial, first, end);
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

    /** The kernel's gradient of steps {@code from} to {@code to} - 1: the input, transposed, times gates. */
    private void kernelGradient(int shard, int from, int to, float[] partial, int firstPanel, int endPanel) {
        int rows = lstm.rows(shard);
        float[] a = transposed.get();
        for (int t = from; t < to; t++) {
            Panels.packTransposed(numbers, rowsAt(shard, t, layout.inputStride()), layout.inputStride(), rows, a,
                    (t - from) * rows);
        }
        addProduct(a, layout.inputStride(), shard, from, to, partial, 0, firstPanel, endPanel);
    }

    /** The same of the recurrent kernel: h of the step before, transposed, times gates. */
    private void recurrentGradient(int shard, int from, int to, float[] partial, int firstPanel, int endPanel) {
        int rows = lstm.rows(shard);
        int start = from == 0 && lstm.startsAtZero() ? 1 : from;
        float[] a = transposed.get();
        for (int t = start; t < to; t++) {
            Panels.packTransposed(t == 0 ? lstm.firstHidden : output, rowsAt(shard, Math.max(0, t - 1), stride),
                    stride, rows, a, (t - start) * rows);
        }
        addProduct(a, stride, shard, start, to, partial, layout.recurrentOffset(), firstPanel, endPanel);
    }

    private int rowsAt(int shard, int t, int width) {
        return ORIGIN + (t * lstm.shape.batch() + shard * ROWS) * width;
    }

    /** Adds the product of what was packed, rows of a width, and the gates of steps {@code from} to {@code to} - 1. */
    private void addProduct(float[] a, int width, int shard, int from, int to, float[] partial, int kernel,
            int firstPanel, int endPanel) {
        int rows = lstm.rows(shard);
        int depth = (to - from) * rows;
        int panels = Math.ceilDiv(depth, PANEL);
        Panels.endTransposed(a, width, depth);
        float[] b = gatesBlock.get();
        Arrays.fill(b, ORIGIN + depth * PANEL, ORIGIN + panels * PANEL * PANEL, 0f);
        for (int q = firstPanel; q < endPanel; q++) {
            for (int t = from; t < to; t++) {
                System.arraycopy(lstm.gates, lstm.gatesAt(shard, t) + q * rows * PANEL, b,
                        ORIGIN + (t - from) * rows * PANEL, rows * PANEL);
            }
            Gemm.multiply(a, ORIGIN, width * PANEL, panels, b, ORIGIN, 0, partial,
                    ORIGIN + kernel + q * width * PANEL, 0, PANEL, width, 1);
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
