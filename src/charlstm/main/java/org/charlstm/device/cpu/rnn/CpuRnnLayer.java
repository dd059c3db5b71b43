package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.load;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import jdk.incubator.vector.FloatVector;
import module java.base;
import org.charlstm.device.Rnn;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Gemm;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.Workers;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent layer in shards of sixteen sequences. One thread takes a shard through all time steps, so that the
 * kernels and the shard's state stay in its cache and no step waits for another thread. Where there are fewer shards
 * than threads, several threads share each: they take a step's stage together, each some of the units, and wait for
 * each other after it. No sum is taken in another order then. For ids the input product is a lookup of kernel rows.
 */
final class CpuRnnLayer {
    /** Sequences in a shard: fixed, so that sums have one order whatever the number of threads. */
    static final int ROWS = 16;
    /** Multiply-adds of a step that pay for a thread and for its waiting for the others: some microseconds. */
    private static final long WORTH_SHARING = 1 << 16;

    final Rnn.Shape shape;
    final CpuRnnLayout layout;
    final CpuCell.Form form;
    final int offset;
    /** Floats from one row of h to the next. */
    final int stride;
    /** The cell's slots: for each shard, step, slot and panel, the shard's rows. One step only when not training. */
    final float[] slots;
    final CpuCell cell;
    /** h before the first step, (B, stride). */
    final float[] firstHidden;
    /** The row with which the sums of each slot begin. */
    private final float[] bias;
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
    private float @Nullable [] stateHidden;
    private float @Nullable [] stateCell;
    private int stateRow;
    private int step;
    private int stage;

    CpuRnnLayer(Workers workers, Rnn.Shape shape, CpuRnnLayout layout, int offset) {
        this.workers = workers;
        this.shape = shape;
        this.offset = ORIGIN + offset;
        this.layout = layout;
        form = layout.form();
        stride = padded(shape.hidden());
        slots = CpuMatrix.floats((long) kept() * shape.batch() * form.slots() * stride);
        cell = form.make().apply(this);
        firstHidden = CpuMatrix.floats((long) shape.batch() * stride);
        bias = CpuMatrix.floats((long) form.sums() * stride);
        packed = Panels.place(ROWS, stride + layout.inputStride());
        long work = (long) layout.width() * stride * Math.min(ROWS, shape.batch());
        parts = Math.clamp(Math.min(Math.ceilDiv(workers.count(), shards()), work / WORTH_SHARING), 1, stride / PANEL);
        backward = shape.training() ? new CpuRnnBackward(workers, this) : null;
    }

    int shards() {
        return Math.ceilDiv(shape.batch(), ROWS);
    }

    int rows(int shard) {
        return Math.min(ROWS, shape.batch() - shard * ROWS);
    }

    private int kept() {
        return shape.training() ? shape.steps() : 1;
    }

    /** Where the slots of a shard's step begin; a panel takes rows x PANEL floats. */
    int slotsAt(int shard, int t) {
        return ORIGIN + (shard * ROWS * kept() + (shape.training() ? t : 0) * rows(shard)) * form.slots() * stride;
    }

    /** Where a shard's rows of h of a step begin. */
    int rowsAt(int shard, int t) {
        return ORIGIN + (t * shape.batch() + shard * ROWS) * stride;
    }

    /** h of all steps. */
    float[] output() {
        return output;
    }

    /** Whether the last forward pass began from a state of zeros. */
    boolean startsAtZero() {
        return stateHidden == null;
    }

    CpuRnnBackward backward() {
        return Objects.requireNonNull(backward, "a layer for inference has no backward pass");
    }

    /** Takes ids or numbers, and a state whose rows lie from {@code row} on, or none to start from zeros. */
    void forward(float[] flat, int[] inputs, float[] rows, float @Nullable [] hidden, float @Nullable [] cells, int row,
            float[] to) {
        weights = flat;
        ids = inputs;
        numbers = rows;
        output = to;
        stateHidden = hidden;
        stateCell = cells;
        stateRow = row;
        if (hidden != null) {
            System.arraycopy(hidden, ORIGIN + row * stride, firstHidden, ORIGIN, firstHidden.length - ORIGIN);
        }
        sumBias();
        if (parts == 1) {
            workers.run(shards(), forwardShard);
            return;
        }
        for (int shard = 0; shard < shards(); shard++) {
            cell.begin(shard, stateCell, stateRow);
        }
        for (step = 0; step < shape.steps(); step++) {
            for (stage = 0; stage < form.stages(); stage++) {
                workers.run(shards() * parts, forwardPart);
            }
        }
        for (int shard = 0; shard < shards(); shard++) {
            end(shard);
        }
    }

    private void sumBias() {
        int from = offset + layout.biasOffset();
        System.arraycopy(weights, from, bias, ORIGIN, layout.width());
        if (form.biasRows() == 2) {
            Arrays.fill(bias, ORIGIN + layout.width(), bias.length, 0f);
            int to = ORIGIN + form.first() * stride;
            for (int j = 0; j < layout.width(); j++) {
                bias[to + j] += weights[from + layout.width() + j];
            }
        }
    }

    private void forwardShard(int shard) {
        cell.begin(shard, stateCell, stateRow);
        for (int t = 0; t < shape.steps(); t++) {
            for (int s = 0; s < form.stages(); s++) {
                forward(shard, t, s, 0, stride / PANEL);
            }
        }
        end(shard);
    }

    private void forwardPart(int task) {
        forward(task / parts, step, stage, firstPanel(task), endPanel(task));
    }

    /** The first panel of units of a task, which is one part of one shard. */
    int firstPanel(int task) {
        return stride / PANEL * (task % parts) / parts;
    }

    /** The panel behind its last. */
    int endPanel(int task) {
        return stride / PANEL * (task % parts + 1) / parts;
    }

    private void end(int shard) {
        if (stateHidden != null) {
            System.arraycopy(output, rowsAt(shard, shape.steps() - 1), stateHidden,
                    rowsAt(shard, 0) + stateRow * stride, rows(shard) * stride);
        }
        if (stateCell != null) {
            cell.end(shard, stateCell, stateRow);
        }
    }

    /** h before a step of a shard, in panels at {@code ORIGIN}, in a place of this thread until it asks again. */
    float[] before(int shard, int t) {
        float[] a = packed.get();
        if (t > 0) {
            Panels.pack(output, rowsAt(shard, t - 1), stride, rows(shard), a, ORIGIN);
        } else if (startsAtZero()) {
            Arrays.fill(a, ORIGIN, ORIGIN + rows(shard) * stride, 0f);
        } else {
            Panels.pack(firstHidden, rowsAt(shard, 0), stride, rows(shard), a, ORIGIN);
        }
        return a;
    }

    /** A stage of one step of a shard, for the units of the panels {@code from} to {@code to} - 1. */
    private void forward(int shard, int t, int s, int from, int to) {
        int rows = rows(shard);
        int size = rows * stride;
        int at = slotsAt(shard, t);
        int kernel = offset + layout.recurrentOffset();
        float[] before = before(shard, t);
        if (s == 0) {
            inputSums(before, shard, t, from, to);
            if (t > 0 || !startsAtZero()) {
                addProduct(before, ORIGIN, rows, kernel, layout.panelSize(), at + form.first() * size, form.recurrent(),
                        from, to);
            }
        } else if (t > 0 || !startsAtZero()) {
            addProduct(slots, at + form.operand() * size, rows,
                    kernel + form.recurrent() * (stride / PANEL) * layout.panelSize(), layout.panelSize(), at, 1, from,
                    to);
        }
        cell.forward(shard, t, s, before, from, to);
    }

    /** The sums of the input's products and the biases. */
    private void inputSums(float[] a, int shard, int t, int from, int to) {
        int rows = rows(shard);
        int at = slotsAt(shard, t);
        int row = t * shape.batch() + shard * ROWS;
        for (int slot = 0; slot < form.sums(); slot++) {
            for (int panel = from; panel < to; panel++) {
                int chunk = at + (slot * stride + panel * PANEL) * rows;
                int column = slot * stride + panel * PANEL;
                if (layout.ids() && slot < form.gates()) {
                    lookUp(chunk, row, rows, column);
                } else {
                    startWithBias(chunk, rows, column);
                }
            }
        }
        if (!layout.ids()) {
            int inputAt = ORIGIN + rows * stride;
            Panels.pack(numbers, ORIGIN + row * layout.inputStride(), layout.inputStride(), rows, a, inputAt);
            addProduct(a, inputAt, rows, offset, layout.kernelPanelSize(), at, form.gates(), from, to);
        }
    }

    /**
     * Adds a product to some slots, from the one at {@code at} on, whose columns of the weights begin at
     * {@code kernel}. It takes together the panels of a slot, or a panel of all slots, whichever are more: a single row
     * is quickest with four.
     */
    private void addProduct(float[] a, int aAt, int rows, int kernel, int panelSize, int at, int count, int from,
            int to) {
        int panels = stride / PANEL;
        int depth = panelSize / (PANEL * PANEL);
        if (to - from > count) {
            for (int slot = 0; slot < count; slot++) {
                Gemm.multiply(a, aAt, rows * PANEL, depth, weights, kernel + (slot * panels + from) * panelSize,
                        panelSize, slots, at + (slot * panels + from) * rows * PANEL, rows * PANEL, PANEL, rows,
                        to - from);
            }
            return;
        }
        for (int panel = from; panel < to; panel++) {
            Gemm.multiply(a, aAt, rows * PANEL, depth, weights, kernel + panel * panelSize, panels * panelSize, slots,
                    at + panel * rows * PANEL, rows * stride, PANEL, rows, count);
        }
    }

    /** Starts one panel's sums with the kernel's rows and the bias. */
    private void lookUp(int chunk, int id, int rows, int column) {
        FloatVector bias0 = load(bias, ORIGIN + column);
        FloatVector bias1 = load(bias, ORIGIN + column + COUNT);
        for (int r = 0; r < rows; r++) {
            int row = offset + ids[id + r] * layout.width() + column;
            load(weights, row).add(bias0).intoArray(slots, chunk + r * PANEL);
            load(weights, row + COUNT).add(bias1).intoArray(slots, chunk + r * PANEL + COUNT);
        }
    }

    private void startWithBias(int chunk, int rows, int column) {
        FloatVector bias0 = load(bias, ORIGIN + column);
        FloatVector bias1 = load(bias, ORIGIN + column + COUNT);
        for (int r = 0; r < rows; r++) {
            bias0.intoArray(slots, chunk + r * PANEL);
            bias1.intoArray(slots, chunk + r * PANEL + COUNT);
        }
    }
}
