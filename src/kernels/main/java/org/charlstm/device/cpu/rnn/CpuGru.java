package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Activations.HardSigmoid.slope;
import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.cpu.tools.Activations;

/**
 * A GRU's cell. Its slots are h~, z, r and a fourth. With the reset after the product, the fourth slot holds the
 * recurrent product of the candidate; with the reset before, it holds r h, the operand of that product. The input's
 * products go to the first three slots; with the reset after, the products of h go to the last three.
 */
final class CpuGru extends CpuCell {
    private final RecurrentActivation activation;
    private final boolean resetAfter;
    /** The part of dL/dh of one step that passes through no product: for each shard, in panels like one slot. */
    private final float[] carried;
    /** The slope of a gate g is min(g (1 - g) scale, limit), so one loop serves both activations. */
    private final float scale;
    private final float limit;

    private CpuGru(CpuRnnLayer layer, RecurrentCell.Gru cell) {
        super(layer);
        activation = cell.gateActivation();
        resetAfter = cell.resetAfter();
        carried = forTraining(true);
        boolean hard = activation == RecurrentActivation.HARD_SIGMOID;
        scale = hard ? Activations.HardSigmoid.LARGE : 1;
        limit = hard ? Activations.HardSigmoid.SLOPE : 1;
    }

    static Form form(RecurrentCell.Gru cell) {
        return new Form(cell, 1, cell.resetAfter() ? 3 : 2, 4, false, layer -> new CpuGru(layer, cell));
    }

    private void activate(int at, int count) {
        switch (activation) {
            case SIGMOID -> Activations.sigmoid(slots, at, slots, at, count);
            case HARD_SIGMOID -> Activations.HardSigmoid.apply(slots, at, slots, at, count);
        }
    }

    @Override
    void forward(int shard, int t, int stage, float[] before, int from, int to, float[] sums, int sumsAt,
            int sumsSize) {
        int rows = layer.rows(shard);
        int size = rows * stride;
        int skipped = from * rows * PANEL;
        int count = (to - from) * rows * PANEL;
        int candidate = layer.slotsAt(shard, t) + skipped;
        if (stage == 0) {
            activate(candidate + size, count);
            activate(candidate + 2 * size, count);
            if (!resetAfter) {
                reset(candidate + 2 * size, size, before, ORIGIN + skipped, count);
                return;
            }
            addReset(candidate, size, count);
        }
        Activations.tanh(slots, candidate, slots, candidate, count);
        for (int panel = from; panel < to; panel++) {
            emit(candidate + (panel - from) * rows * PANEL, size, before, ORIGIN + panel * rows * PANEL,
                    layer.rowsAt(shard, t) + panel * PANEL, rows);
        }
    }

    /** Adds r times the recurrent product to the candidate's sums. */
    private void addReset(int candidate, int size, int count) {
        int reset = candidate + 2 * size;
        int product = reset + size;
        for (int j = 0; j < count; j += COUNT) {
            load(slots, reset + j).fma(load(slots, product + j), load(slots, candidate + j))
                    .intoArray(slots, candidate + j);
        }
    }

    /** Writes r h to the fourth slot. */
    private void reset(int reset, int size, float[] before, int at, int count) {
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            flushed(load(slots, reset + j).mul(load(before, at + j)), coarse).intoArray(slots, reset + size + j);
        }
    }

    /** h[t] = h~ + z (h[t-1] - h~) for one panel of units, from panels to rows. */
    private void emit(int candidate, int size, float[] before, int at, int to, int rows) {
        float[] output = layer.output();
        FloatVector coarse = coarse();
        for (int r = 0; r < rows; r++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                int j = r * PANEL + half;
                FloatVector c = load(slots, candidate + j);
                flushed(load(slots, candidate + size + j).fma(load(before, at + j).sub(c), c), coarse)
                        .intoArray(output, to + r * stride + half);
            }
        }
    }

    @Override
    void beginBack(int shard) {
        int first = panelsAt(shard, 0);
        Arrays.fill(carried, first, first + layer.rows(shard) * stride, 0f);
    }

    @Override
    void addCarried(int shard) {
        int first = panelsAt(shard, 0);
        for (int j = first; j < first + layer.rows(shard) * stride; j += COUNT) {
            load(hiddenGradients, j).add(load(carried, j)).intoArray(hiddenGradients, j);
        }
    }

    @Override
    void backward(int shard, int t, int stage, int from, int to) {
        float[] before = layer.before(shard, t);
        int rows = layer.rows(shard);
        int size = rows * stride;
        int skipped = from * rows * PANEL;
        int count = (to - from) * rows * PANEL;
        int candidate = layer.slotsAt(shard, t) + skipped;
        int first = panelsAt(shard, from);
        if (stage == 1) {
            backOfReset(candidate + 2 * size, before, ORIGIN + skipped, first, count);
            return;
        }
        back(candidate, size, before, ORIGIN + skipped, first, count);
        if (resetAfter) {
            backOfProduct(candidate, size, count);
        }
    }

    /** Back-propagates through h[t] = z h[t-1] + (1 - z) h~, then through z and h~. */
    private void back(int candidate, int size, float[] before, int at, int first, int count) {
        FloatVector one = all(1f);
        FloatVector scales = all(scale);
        FloatVector limits = all(limit);
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector dh = load(hiddenGradients, first + j).add(load(carried, first + j));
            FloatVector z = load(slots, candidate + size + j);
            FloatVector c = load(slots, candidate + j);
            flushed(dh.mul(z), coarse).intoArray(carried, first + j);
            flushed(dh.mul(load(before, at + j).sub(c)).mul(slope(z, one, scales, limits)), coarse)
                    .intoArray(slots, candidate + size + j);
            flushed(dh.mul(one.sub(z)).mul(one.sub(c.mul(c))), coarse).intoArray(slots, candidate + j);
        }
    }

    /** Back-propagates through r times the recurrent product, and through r. */
    private void backOfProduct(int candidate, int size, int count) {
        int reset = candidate + 2 * size;
        int product = reset + size;
        FloatVector one = all(1f);
        FloatVector scales = all(scale);
        FloatVector limits = all(limit);
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector dc = load(slots, candidate + j);
            FloatVector r = load(slots, reset + j);
            flushed(dc.mul(load(slots, product + j)).mul(slope(r, one, scales, limits)), coarse)
                    .intoArray(slots, reset + j);
            flushed(dc.mul(r), coarse).intoArray(slots, product + j);
        }
    }

    /** Back-propagates through r h, and through r. */
    private void backOfReset(int reset, float[] before, int at, int first, int count) {
        FloatVector one = all(1f);
        FloatVector scales = all(scale);
        FloatVector limits = all(limit);
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector dp = load(operandGradients, first + j);
            FloatVector r = load(slots, reset + j);
            flushed(dp.mul(load(before, at + j)).mul(slope(r, one, scales, limits)), coarse)
                    .intoArray(slots, reset + j);
            flushed(dp.fma(r, load(carried, first + j)), coarse).intoArray(carried, first + j);
        }
    }
}
