package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.all;
import static org.charlstm.device.cpu.tools.Lanes.coarse;
import static org.charlstm.device.cpu.tools.Lanes.flushed;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.FloatVector;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.cpu.tools.Activations;

/** The cell of an Elman network. Its slot holds h, from which backward computes the slope. */
final class CpuElman extends CpuCell {
    /** Scales every nonzero h of a ReLU above 1. */
    private static final float LARGE = 1e30f;

    private final boolean relu;

    private CpuElman(CpuRnnLayer layer, RecurrentCell.Elman cell) {
        super(layer);
        relu = cell.activation() == Activation.RELU;
    }

    static Form form(RecurrentCell.Elman cell) {
        return new Form(cell, 0, 1, 1, false, layer -> new CpuElman(layer, cell));
    }

    @Override
    void forward(int shard, int t, int stage, float[] before, int from, int to, float[] sums, int sumsAt,
            int sumsSize) {
        int rows = layer.rows(shard);
        int size = rows * PANEL;
        int at = layer.slotsAt(shard, t) + from * size;
        if (relu) {
            relu(at, (to - from) * size);
        } else {
            Activations.tanh(slots, at, slots, at, (to - from) * size);
        }
        for (int panel = from; panel < to; panel++) {
            emit(at + (panel - from) * size, layer.rowsAt(shard, t) + panel * PANEL, rows);
        }
    }

    private void relu(int at, int count) {
        FloatVector zero = all(0f);
        for (int j = at; j < at + count; j += COUNT) {
            load(slots, j).max(zero).intoArray(slots, j);
        }
    }

    /** Copies h of one panel of units from panels to rows. */
    private void emit(int from, int to, int rows) {
        float[] output = layer.output();
        FloatVector coarse = coarse();
        for (int r = 0; r < rows; r++) {
            for (int half = 0; half < PANEL; half += COUNT) {
                FloatVector h = flushed(load(slots, from + r * PANEL + half), coarse);
                h.intoArray(slots, from + r * PANEL + half);
                h.intoArray(output, to + r * stride + half);
            }
        }
    }

    @Override
    void backward(int shard, int t, int stage, int from, int to) {
        int size = layer.rows(shard) * PANEL;
        int at = layer.slotsAt(shard, t) + from * size;
        int first = panelsAt(shard, from);
        if (relu) {
            backOfRelu(at, first, (to - from) * size);
        } else {
            backOfTanh(at, first, (to - from) * size);
        }
    }

    private void backOfTanh(int at, int first, int count) {
        FloatVector one = all(1f);
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector h = load(slots, at + j);
            flushed(load(hiddenGradients, first + j).mul(one.sub(h.mul(h))), coarse).intoArray(slots, at + j);
        }
    }

    private void backOfRelu(int at, int first, int count) {
        FloatVector one = all(1f);
        FloatVector large = all(LARGE);
        FloatVector coarse = coarse();
        for (int j = 0; j < count; j += COUNT) {
            FloatVector slope = load(slots, at + j).mul(large).min(one);
            flushed(load(hiddenGradients, first + j).mul(slope), coarse).intoArray(slots, at + j);
        }
    }
}
