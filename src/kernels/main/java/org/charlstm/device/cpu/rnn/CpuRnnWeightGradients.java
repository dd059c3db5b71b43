package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.rnn.CpuRnnLayer.ROWS;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.load;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.charlstm.device.cpu.tools.OuterProducts;
import org.charlstm.device.cpu.tools.Panels;
import org.charlstm.device.cpu.tools.ShardSums;
import org.charlstm.device.cpu.tools.Workers;

/** The gradients of a recurrent layer's weights, from the gradients of the cell's sums; each shard has its own sums. */
final class CpuRnnWeightGradients {
    /** Rows of a product for a kernel's gradient: enough to be efficient, few enough for the cache. */
    private static final int BLOCK = 128;
    /** Floats of a panel of a block. */
    private static final int PANEL_SIZE = BLOCK * PANEL;

    private final CpuRnnLayer layer;
    private final CpuRnnLayout layout;
    private final CpuCell.Form form;
    private final int stride;
    private final ShardSums sums;
    /** Each thread's block of h or of the input in panels, and its block of one panel of the slots. */
    private final ThreadLocal<float[]> operand;
    private final ThreadLocal<float[]> slotsBlock;
    private int[] ids = {};
    private float[] numbers = {};
    private float[] output = {};

    CpuRnnWeightGradients(Workers workers, CpuRnnLayer layer) {
        this.layer = layer;
        layout = layer.layout;
        form = layer.form;
        stride = layer.stride;
        sums = new ShardSums(workers, layer.shards(), layout.size());
        operand = Panels.place(Math.max(stride, layout.inputStride()), BLOCK);
        slotsBlock = Panels.place(BLOCK, PANEL);
    }

    /** Takes the input of the forward pass, ids or a matrix, and h. */
    void over(int[] inputs, float[] rows, float[] hidden) {
        ids = inputs;
        numbers = rows;
        output = hidden;
    }

    void clear(int shard) {
        Arrays.fill(sums.of(shard), 0f);
    }

    /** Adds a step's share in the panels of units {@code from} to {@code to} - 1; products cover blocks of steps. */
    void add(int shard, int t, int from, int to) {
        int rows = layer.rows(shard);
        int slots = layer.slotsAt(shard, t);
        float[] partial = sums.of(shard);
        int gates = form.gates();
        int panels = stride / PANEL;
        if (layout.ids()) {
            scatter(slots, t * layer.shape.batch() + shard * ROWS, rows, partial, gates * from, gates * to);
        } else {
            sumBias(slots, rows, partial, gates * from, gates * to, 0);
        }
        if (form.sums() > gates) {
            sumBias(slots, rows, partial, gates * panels + from, gates * panels + to, (gates - form.first()) * stride);
        }
        int block = BLOCK / rows;
        if (t % block == 0) {
            int blockEnd = Math.min(layer.shape.steps(), t + block);
            recurrentGradient(shard, t, blockEnd, partial, from, to);
            if (!layout.ids()) {
                kernelGradient(shard, t, blockEnd, partial, gates * from, gates * to);
            }
        }
    }

    void into(float[] flat) {
        sums.into(flat, layer.offset);
        if (layout.ids()) {
            sumBias(flat);
        }
        if (form.biasRows() == 2) {
            // A sum with both products has both biases, so their gradients are equal.
            int bias = layer.offset + layout.biasOffset();
            System.arraycopy(flat, bias + form.first() * stride, flat, bias + layout.width(),
                    (form.gates() - form.first()) * stride);
        }
    }

    /** Adds each row to the kernel's gradient in the row of its id. */
    private void scatter(int slots, int id, int rows, float[] partial, int firstPanel, int endPanel) {
        for (int r = 0; r < rows; r++) {
            int to = ORIGIN + ids[id + r] * layout.width();
            for (int q = firstPanel; q < endPanel; q++) {
                int from = slots + (q * rows + r) * PANEL;
                int at = to + q * PANEL;
                load(partial, at).add(load(layer.slots, from)).intoArray(partial, at);
                load(partial, at + COUNT).add(load(layer.slots, from + COUNT)).intoArray(partial, at + COUNT);
            }
        }
    }

    /**
     * Adds the sum of the rows to the bias' gradient, unless one-hot inputs give this gradient.
     *
     * @param further floats from a panel's position in the slots to its position in the bias
     */
    private void sumBias(int slots, int rows, float[] partial, int firstPanel, int endPanel, int further) {
        for (int q = firstPanel; q < endPanel; q++) {
            int at = ORIGIN + layout.biasOffset() + further + q * PANEL;
            FloatVector sum0 = load(partial, at);
            FloatVector sum1 = load(partial, at + COUNT);
            for (int r = 0; r < rows; r++) {
                int from = slots + (q * rows + r) * PANEL;
                sum0 = sum0.add(load(layer.slots, from));
                sum1 = sum1.add(load(layer.slots, from + COUNT));
            }
            sum0.intoArray(partial, at);
            sum1.intoArray(partial, at + COUNT);
        }
    }

    /** Adds the kernel's gradient of steps {@code start} to {@code end} - 1: the sums of input times slots. */
    private void kernelGradient(int shard, int start, int end, float[] partial, int firstPanel, int endPanel) {
        int rows = layer.rows(shard);
        int width = layout.inputStride();
        float[] a = operand.get();
        for (int t = start; t < end; t++) {
            Panels.pack(numbers, ORIGIN + (t * layer.shape.batch() + shard * ROWS) * width, width, rows, width, a,
                    ORIGIN + (t - start) * rows * PANEL, PANEL_SIZE);
        }
        addProduct(a, layout.inputs(), shard, start, end, 0, partial, 0, firstPanel, endPanel);
    }

    /** Adds the recurrent kernel's gradient: the previous h times the slots, and stage 1's operand times slot 0. */
    private void recurrentGradient(int shard, int first, int end, float[] partial, int from, int to) {
        int rows = layer.rows(shard);
        int start = first == 0 && layer.startsAtZero() ? 1 : first;
        float[] a = operand.get();
        for (int t = start; t < end; t++) {
            Panels.pack(t == 0 ? layer.firstHidden : output, layer.rowsAt(shard, Math.max(0, t - 1)), stride, rows,
                    stride, a, ORIGIN + (t - start) * rows * PANEL, PANEL_SIZE);
        }
        addProduct(a, layer.shape.hidden(), shard, start, end, form.first() * stride, partial,
                layout.recurrentOffset(), form.recurrent() * from, form.recurrent() * to);
        if (form.stages() == 1) {
            return;
        }
        for (int q = 0; q < stride / PANEL; q++) {
            copySlots(shard, start, end, form.operand() * stride + q * PANEL, a, ORIGIN + q * PANEL_SIZE);
        }
        addProduct(a, layer.shape.hidden(), shard, start, end, 0, partial,
                layout.recurrentOffset() + form.recurrent() * (stride / PANEL) * layout.panelSize(), from, to);
    }

    /** Copies a panel of the slots of some steps, one step after the other. */
    private void copySlots(int shard, int start, int end, int column, float[] to, int at) {
        int size = layer.rows(shard) * PANEL;
        for (int t = start; t < end; t++) {
            System.arraycopy(layer.slots, layer.slotsAt(shard, t) + column * layer.rows(shard), to,
                    at + (t - start) * size, size);
        }
    }

    /** Adds the products of some steps' transposed rows and slots, from column {@code skipped} on, to a kernel. */
    private void addProduct(float[] a, int columns, int shard, int start, int end, int skipped, float[] partial,
            int kernel, int firstPanel, int endPanel) {
        int depth = (end - start) * layer.rows(shard);
        int panelSize = padded(columns) * PANEL;
        float[] b = slotsBlock.get();
        for (int q = firstPanel; q < endPanel; q++) {
            copySlots(shard, start, end, skipped + q * PANEL, b, ORIGIN);
            OuterProducts.multiply(a, ORIGIN, PANEL_SIZE, columns, b, ORIGIN, 0, depth, partial,
                    ORIGIN + kernel + q * panelSize, 0, 1);
        }
    }

    /** Each input is one-hot, so the bias' gradient, initially zero, is the sum of the kernel gradient's rows. */
    private void sumBias(float[] flat) {
        int bias = layer.offset + layout.biasOffset();
        for (int v = 0; v < layout.inputs(); v++) {
            for (int j = 0; j < layout.width(); j += COUNT) {
                load(flat, bias + j).add(load(flat, layer.offset + v * layout.width() + j)).intoArray(flat, bias + j);
            }
        }
    }
}
