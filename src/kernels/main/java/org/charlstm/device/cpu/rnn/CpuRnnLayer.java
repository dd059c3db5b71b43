package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.load;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import module java.base;
import org.charlstm.device.Rnn;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Gemm;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.Workers;
import org.jspecify.annotations.Nullable;

/**
 * A recurrent layer in shards of sixteen sequences. One thread takes a shard through all time steps, so the kernels and
 * the shard's state stay in its cache and no step waits for another thread. If there are fewer shards than threads,
 * several threads share a shard: each computes some of the units in a stage of a step, and all wait for each other
 * after the stage. The order of sums stays the same. For ids, the input product is a lookup of kernel rows.
 */
final class CpuRnnLayer {
    /** Sequences in a shard: fixed, so the order of sums is the same for any number of threads. */
    static final int ROWS = 16;
    /** Multiply-adds of a step that make an additional thread worth the synchronisation: some microseconds. */
    private static final long WORTH_SHARING = 1 << 16;

    final Rnn.Shape shape;
    final CpuRnnLayout layout;
    final CpuCell.Form form;
    final int offset;
    /** Floats from one row of h to the next. */
    final int stride;
    /** The cell's slots: the shard's rows for each shard, step, slot and panel; one step only in inference. */
    final float[] slots;
    final CpuCell cell;
    /** h before the first step, (B, stride). */
    final float[] firstHidden;
    /** The row of biases with which the sums of all slots begin. */
    private final float[] bias;
    /** For ids, the bias plus the kernel's row, for each symbol or each input; for a matrix input the bias alone. */
    private final float[] table;
    /** The offset of each row in the table, and of each row of a shard in a panel. */
    private final int[] places;
    private final int[] panelPlaces = Gemm.places(ROWS, PANEL);
    /** Each thread's copy of a shard's previous h and matrix input, in panels. */
    private final ThreadLocal<float[]> packed;
    /** Each thread's buffer for the sums of a cell that keeps them apart: of one panel, or of all panels of one row. */
    private final ThreadLocal<float[]> apart;
    /** The number of threads that share a shard, at most one for each panel of units. */
    final int parts;
    private final Workers workers;
    private final Workers.Shard forwardShard = this::forwardShard;
    private final Workers.Shard forwardPart = this::forwardPart;
    /** The backward pass; null in inference. */
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
        table = layout.ids() ? CpuMatrix.floats((long) tableRows() * form.sums() * stride) : bias;
        places = new int[shape.rows()];
        packed = Panels.place(ROWS, stride + layout.inputStride());
        apart = Panels.place(form.apart() ? form.sums() * stride : 0, ROWS);
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

    /** The index where the slots of a shard's step begin; a panel takes rows x PANEL floats. */
    int slotsAt(int shard, int t) {
        return ORIGIN + (shard * ROWS * kept() + (shape.training() ? t : 0) * rows(shard)) * form.slots() * stride;
    }

    /** The index where a shard's rows of h at a step begin. */
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

    /** Takes ids or a matrix, and a state with the layer's rows from {@code row} on, or null to start from zeros. */
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
        fillTable();
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

    /** The number of rows of the table: the number of symbols, or of input rows if there are fewer. */
    private int tableRows() {
        return Math.min(layout.inputs(), shape.rows());
    }

    private void fillTable() {
        int tableWidth = form.sums() * stride;
        int from = offset + layout.biasOffset();
        System.arraycopy(weights, from, bias, ORIGIN, layout.width());
        if (form.biasRows() == 2) {
            Arrays.fill(bias, ORIGIN + layout.width(), bias.length, 0f);
            int to = ORIGIN + form.first() * stride;
            for (int j = 0; j < layout.width(); j++) {
                bias[to + j] += weights[from + layout.width() + j];
            }
        }
        boolean bySymbol = tableRows() == layout.inputs();
        for (int row = 0; layout.ids() && row < tableRows(); row++) {
            int to = ORIGIN + row * tableWidth;
            int kernel = offset + (bySymbol ? row : ids[row]) * layout.width();
            for (int j = 0; j < layout.width(); j += COUNT) {
                load(weights, kernel + j).add(load(bias, ORIGIN + j)).intoArray(table, to + j);
            }
            System.arraycopy(bias, ORIGIN + layout.width(), table, to + layout.width(), tableWidth - layout.width());
        }
        for (int row = 0; layout.ids() && row < places.length; row++) {
            places[row] = (bySymbol ? ids[row] : row) * tableWidth;
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

    /** The first panel of units of a task; a task is a part of a shard. */
    int firstPanel(int task) {
        return stride / PANEL * (task % parts) / parts;
    }

    /** The panel after a task's last panel. */
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

    /** h before a step of a shard, in panels at {@code ORIGIN} of this thread's buffer, valid until its next call. */
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

    /**
     * Computes a stage of one step of a shard, for the units of the panels {@code from} to {@code to} - 1: panel by
     * panel, so the cell finds the sums in the cache. A single row takes all panels together, because products of four
     * panels are fastest.
     */
    private void forward(int shard, int t, int s, int from, int to) {
        float[] before = before(shard, t);
        if (s == 0 && !layout.ids()) {
            int row = t * shape.batch() + shard * ROWS;
            Panels.pack(numbers, ORIGIN + row * layout.inputStride(), layout.inputStride(), rows(shard), before,
                    ORIGIN + rows(shard) * stride);
        }
        int rows = rows(shard);
        int group = rows == 1 ? to - from : 1;
        float[] sums = form.apart() ? apart.get() : slots;
        int size = form.apart() ? group * rows * PANEL : rows * stride;
        for (int panel = from; panel < to; panel += group) {
            int at = form.apart() ? ORIGIN : slotsAt(shard, t) + panel * rows * PANEL;
            if (s == 0) {
                sums(before, shard, t, panel, panel + group, sums, at, size);
            } else if (t > 0 || !startsAtZero()) {
                int kernel = form.recurrent() * (stride / PANEL) * layout.panelSize();
                addProduct(slots, slotsAt(shard, t) + form.operand() * rows * stride,
                        offset + layout.recurrentOffset() + kernel, layout.panelSize(), 1, shard, t, panel,
                        panel + group, sums, at, size, 0, true);
            }
            cell.forward(shard, t, s, before, panel, panel + group, sums, at, size);
        }
    }

    /** Computes the sums of biases, the input's products and the products of h, for some panels of all slots. */
    private void sums(float[] before, int shard, int t, int from, int to, float[] sums, int at, int size) {
        boolean recurrent = t > 0 || !startsAtZero();
        int summed = layout.ids() ? 0 : form.gates();
        addProduct(before, ORIGIN + rows(shard) * stride, offset, layout.kernelPanelSize(), summed, shard, t, from, to,
                sums, at, size, 0, false);
        for (int slot = summed; slot < form.sums(); slot++) {
            if (!recurrent || slot < form.first() || slot >= form.first() + form.recurrent()) {
                begin(shard, t, slot, from, to, sums, at + slot * size);
            }
        }
        if (recurrent) {
            int both = Math.clamp(summed - form.first(), 0, form.recurrent());
            int kernel = offset + layout.recurrentOffset();
            addProduct(before, ORIGIN, kernel, layout.panelSize(), both, shard, t, from, to, sums, at, size,
                    form.first(), true);
            addProduct(before, ORIGIN, kernel + both * (stride / PANEL) * layout.panelSize(), layout.panelSize(),
                    form.recurrent() - both, shard, t, from, to, sums, at, size, form.first() + both, false);
        }
    }

    /** Initialises some panels of a slot's sums that no product initialises. */
    private void begin(int shard, int t, int slot, int from, int to, float[] sums, int at) {
        int rows = rows(shard);
        int row = t * shape.batch() + shard * ROWS;
        for (int panel = from; panel < to; panel++) {
            for (int r = 0; r < rows; r++) {
                System.arraycopy(table, ORIGIN + places[row + r] + slot * stride + panel * PANEL, sums,
                        at + ((panel - from) * rows + r) * PANEL, PANEL);
            }
        }
    }

    /**
     * Computes the product for {@code count} slots from {@code slot} on, in the panels {@code from} to {@code to} - 1;
     * its columns of the weights begin at {@code kernel}. The sums start from the slots' values if {@code onto}, else
     * from rows of the table. Each multiplication covers either all panels of one slot or one panel of all slots,
     * whichever is larger.
     */
    private void addProduct(float[] a, int aAt, int kernel, int panelSize, int count, int shard, int t, int from,
            int to, float[] sums, int sumsAt, int size, int slot, boolean onto) {
        int rows = rows(shard);
        int panels = stride / PANEL;
        int depth = panelSize / (PANEL * PANEL);
        int at = sumsAt + slot * size;
        float[] begun = onto ? sums : table;
        int begunAt = onto ? at : ORIGIN + slot * stride + from * PANEL;
        int begunPanel = onto ? rows * PANEL : PANEL;
        int begunSlot = onto ? size : stride;
        int[] begunPlaces = onto ? panelPlaces : places;
        int first = onto ? 0 : t * shape.batch() + shard * ROWS;
        if (to - from > count) {
            for (int each = 0; each < count; each++) {
                Gemm.multiply(a, aAt, rows * PANEL, depth, weights, kernel + (each * panels + from) * panelSize,
                        panelSize, begun, begunAt + each * begunSlot, begunPanel, begunPlaces, first, sums,
                        at + each * size, rows * PANEL, PANEL, rows, to - from);
            }
            return;
        }
        for (int panel = 0; panel < to - from; panel++) {
            Gemm.multiply(a, aAt, rows * PANEL, depth, weights, kernel + (from + panel) * panelSize,
                    panels * panelSize, begun, begunAt + panel * begunPanel, begunSlot, begunPlaces, first, sums,
                    at + panel * rows * PANEL, size, PANEL, rows, count);
        }
    }
}
