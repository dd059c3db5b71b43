package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;

import java.util.function.Function;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.jspecify.annotations.Nullable;

/**
 * The cell's part of a layer's steps: all element-wise work between the products. A step has slots, each as large as h,
 * which hold first the sums, then the values that backward needs, and finally the gradients of the sums. A slot lies in
 * panels, as the products need it.
 */
abstract class CpuCell {
    /**
     * The places of a cell's sums in the slots of a step. The input's products go to the slots from 0 on, one slot for
     * each gate. The products of h go to the slots from {@code first} on, for the gates in their usual order. The gates
     * of the kernel are therefore rotated by {@code first}: a gate's columns lie {@code first} gates further than in
     * the recurrent kernel, and the last gates come first. If there are more gates than {@code recurrent}, the step has
     * a second stage, which adds the product of the last slot and the last gate's recurrent kernel to slot 0.
     *
     * @param gates     the number of gates
     * @param biasRows  1, or 2 if h's products have their own biases
     * @param first     the first slot that takes a product of h
     * @param recurrent the number of slots that take a product of h
     * @param slots     the number of slots of a step
     * @param apart     whether sums go to a separate buffer, from which the cell writes its slots
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

        /** The number of slots whose sums begin with a bias. */
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
    /** The slots of all steps in training, of one step in inference. */
    final float[] slots;
    /** dL/dh of one step: for each shard, in panels like one slot. Empty in inference. */
    final float[] hiddenGradients;
    /** The gradient of the second stage's operand, in the same layout; empty without a second stage. */
    final float[] operandGradients;

    CpuCell(CpuRnnLayer layer) {
        this.layer = layer;
        stride = layer.stride;
        slots = layer.slots;
        hiddenGradients = forTraining(true);
        operandGradients = forTraining(layer.form.stages() == 2);
    }

    /** Floats for one step; none in inference, or if they are not needed. */
    final float[] forTraining(boolean needed) {
        return CpuMatrix.floats(needed && layer.shape.training() ? (long) layer.shape.batch() * stride : 0);
    }

    /** The index where a shard's panels from {@code panel} on begin in a buffer of one step. */
    final int panelsAt(int shard, int panel) {
        return ORIGIN + (shard * CpuRnnLayer.ROWS * stride + panel * layer.rows(shard) * PANEL);
    }

    /** Takes c of a shard before the first step, from row {@code stateRow} of a state on; null for zeros. */
    void begin(int shard, float @Nullable [] state, int stateRow) {
    }

    void end(int shard, float[] state, int stateRow) {
    }

    /** Zeros the values other than dL/dh that backward carries from step to step. */
    void beginBack(int shard) {
    }

    /** Adds to dL/dh of the state before the first step the part that passes through no product. */
    void addCarried(int shard) {
    }

    /** Writes dL/dc of the state before the first step. */
    void endBack(int shard, float[] state, int stateRow) {
    }

    /**
     * Turns the sums of a stage into the values that backward needs, in the panels of units {@code from} to
     * {@code to} - 1; the last stage writes h.
     *
     * @param before h of the previous step, in panels
     * @param sums   the sums: the first slot's from {@code at} on, each next slot's {@code size} further; these are the
     *               slots unless the sums are {@linkplain Form#apart apart}
     */
    abstract void forward(int shard, int t, int stage, float[] before, int from, int to, float[] sums, int at,
            int size);

    /**
     * Turns the values that forward kept into the gradients of the sums. dL/dh is complete except for the part that the
     * cell itself carries from the next step. Stage 1 follows the computation of the operand's gradient.
     */
    abstract void backward(int shard, int t, int stage, int from, int to);
}
