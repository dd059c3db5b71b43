package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;

import java.util.function.Function;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.jspecify.annotations.Nullable;

/**
 * The part of a layer's steps that belongs to its cell: all that happens between the products, element by element. A
 * step has slots, each as large as h, which hold sums first, then what backward needs, and at last the gradients of the
 * sums. A slot lies in panels, as the products want it.
 */
abstract class CpuCell {
    /**
     * Where a cell's sums lie in the slots of a step. The input's products come into the slots from 0 on, one for each
     * gate. Those of h come into the slots from {@code first} on, for the gates in their usual order; so the input's
     * gates are turned by as many: a gate's columns of the kernel lie that many gates behind those of the recurrent
     * kernel, and the last come first. If there are more gates than {@code recurrent}, the step has a second stage, in
     * which the last slot times the last gate's recurrent kernel comes into slot 0.
     *
     * @param gates     their number
     * @param biasRows  1, or 2 if h's products have biases of their own
     * @param first     the first slot that takes a product of h
     * @param recurrent the number of slots that do
     * @param slots     of a step
     * @param apart     whether sums come to a place of their own, from which the cell writes its slots
     * @param make      makes the cell of a layer
     */
    record Form(int gates, int biasRows, int first, int recurrent, int slots, boolean apart,
            Function<CpuRnnLayer, CpuCell> make) {
        Form(RecurrentCell cell, int first, int recurrent, int slots, boolean apart,
                Function<CpuRnnLayer, CpuCell> make) {
            this(cell.gates().size(), cell.biasRows(), first, recurrent, slots, apart, make);
        }

        static Form of(RecurrentCell cell) {
            return switch (cell) {
                case RecurrentCell.Lstm lstm -> CpuLstm.form(lstm);
                case RecurrentCell.Gru gru -> CpuGru.form(gru);
                case RecurrentCell.Elman elman -> CpuElman.form(elman);
            };
        }

        /** GateInterleaving that begin with a bias. */
        int sums() {
            return Math.max(gates, first + recurrent);
        }

        int stages() {
            return gates > recurrent ? 2 : 1;
        }

        /** The slot that the second stage multiplies. */
        int operand() {
            return slots - 1;
        }
    }

    final CpuRnnLayer layer;
    /** Floats from one row of h to the next. */
    final int stride;
    /** The slots of all steps that are kept. */
    final float[] slots;
    /** dL/dh of one step: for each shard, in panels like one slot. Empty in inference. */
    final float[] hiddenGradients;
    /** The gradient of what the second stage multiplies, likewise; empty if there is none. */
    final float[] operandGradients;

    CpuCell(CpuRnnLayer layer) {
        this.layer = layer;
        stride = layer.stride;
        slots = layer.slots;
        hiddenGradients = forTraining(true);
        operandGradients = forTraining(layer.form.stages() == 2);
    }

    /** Floats of one step; none in inference, or if there is no need. */
    final float[] forTraining(boolean needed) {
        return CpuMatrix.floats(needed && layer.shape.training() ? (long) layer.shape.batch() * stride : 0);
    }

    /** Where the panels of a shard from {@code panel} on begin in what is of one step. */
    final int panelsAt(int shard, int panel) {
        return ORIGIN + (shard * CpuRnnLayer.ROWS * stride + panel * layer.rows(shard) * PANEL);
    }

    /** Takes c of a shard before the first step, from a state's row on; null for zeros. */
    void begin(int shard, float @Nullable [] state, int stateRow) {
    }

    void end(int shard, float[] state, int stateRow) {
    }

    /** Zeros what backward carries from step to step but dL/dh. */
    void beginBack(int shard) {
    }

    /** Adds to dL/dh of the state before the first step what reaches it by no product. */
    void addCarried(int shard) {
    }

    /** Gives dL/dc of the state before the first step. */
    void endBack(int shard, float[] state, int stateRow) {
    }

    /**
     * Turns the sums of a stage into what backward needs, in the panels of units {@code from} to {@code to} - 1; the
     * last stage writes h.
     *
     * @param before h of the step before, in panels
     * @param sums   those of the first slot from {@code at} on and those of the next {@code size} further; they are the
     *               slots, unless these are {@linkplain Form#apart apart}
     */
    abstract void forward(int shard, int t, int stage, float[] before, int from, int to, float[] sums, int at,
            int size);

    /**
     * Turns what forward left into the gradients of the sums. dL/dh is there but for the part that the cell itself has
     * carried from the next step. Stage 1 comes after the operand's gradient has been computed.
     */
    abstract void backward(int shard, int t, int stage, int from, int to);
}
