package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/** Launches the kernels that run the time steps of a {@link KernelRnnLayer}, one after the other. */
abstract class Recurrence {
    final Kernels kernels;
    final GpuProducts products;
    final Rnn.Shape shape;
    final GpuMemory workspace;
    /** Null in inference, and for cells without c. */
    private final @Nullable CudaBuffer cellGradient;

    Recurrence(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        kernels = tools.kernels();
        products = tools.products();
        this.shape = shape;
        RecurrentCell cell = shape.layers().cell();
        workspace = memory.forPurpose(cell.title() + " workspace");
        cellGradient = shape.training() && cell.hasCell()
                ? workspace.workspace((long) Float.BYTES * shape.batch() * shape.hidden()) : null;
    }

    /**
     * The gradients of the gates' sums of all steps, (T B,G H) or interleaved (T B,H,G), of the factors' type.
     *
     * @param ofInput     of the input's share
     * @param ofRecurrent of the recurrent products; the same memory unless these have a bias of their own
     */
    record SumGradients(long ofInput, long ofRecurrent) {
        /** Those from so many bytes on. */
        SumGradients at(long bytes) {
            return new SumGradients(ofInput + bytes, ofRecurrent + bytes);
        }
    }

    /** An activation of gates as the kernels number it. */
    static int number(RecurrentActivation activation) {
        return switch (activation) {
            case SIGMOID -> 0;
            case HARD_SIGMOID -> 1;
        };
    }

    /** Bytes that a layer keeps of one step: first {@link KernelRnnLayer#inputProducts}, then the gates. */
    long gateBytes(boolean ids) {
        return shape.training() || !ids ? (long) Float.BYTES * shape.batch() * shape.layers().width() : 0;
    }

    /** The type of what a layer keeps of each unit and step beside its gates, such as c; null for nothing. */
    @Nullable
    CudaType kept() {
        return shape.layers().cell().hasCell() ? CudaType.FLOAT32 : null;
    }

    /**
     * The first columns of the recurrent kernel, which are multiplied by h of the step before; others are multiplied by
     * what is {@link #kept}.
     */
    int hiddenColumns() {
        return shape.layers().width();
    }

    /**
     * Whether a unit's four gates lie side by side in the rows of the kernel, of its products and of dL/dz; otherwise
     * the units of each gate do.
     */
    boolean interleaves() {
        return false;
    }

    /**
     * The input's share of the gates' sums of all steps, once the weights are converted.
     *
     * @param x ids or numbers
     * @return a pointer to the rows that ids name, or to the products of numbers
     */
    long input(KernelRnnLayer layer, GpuMatrix weights, long x) {
        return layer.ids ? layer.kernel(weights) : layer.inputProducts(weights, x, layer.gates(0));
    }

    /**
     * Runs the steps from one to before another: reads the state before them, and writes h and, where they are kept,
     * gates and what is {@link #kept} beside them.
     *
     * @param input the result of {@link #input}
     * @param ids   the rows of the input that the steps take, or 0 if each step has its own
     * @param y     h of all steps
     */
    abstract void forward(KernelRnnLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to);

    /**
     * Goes back through the steps from the one before {@code to} down to {@code from}, after those from {@code to} on;
     * reads what the forward pass left.
     *
     * @param y    h of all steps
     * @param dy   dL/dh of all steps from the layer above
     * @param sums receive the gradients
     */
    abstract void backward(KernelRnnLayer layer, GpuMatrix weights, long y, long dy, SumGradients sums, int from,
            int to);

    /**
     * Writes dL/dh before the first step, after {@link #backward} of all.
     *
     * @param recurrent the recurrent kernel, as the sums' gradients are laid out
     * @param hidden    receives the gradient, (B,H) of the factors' type
     */
    void toHidden(KernelRnnLayer layer, long recurrent, SumGradients sums, long hidden) {
        products.byTransposed(shape.batch(), shape.hidden(), shape.layers().width(), sums.ofRecurrent, recurrent,
                hidden, products.factors());
    }

    /** dL/dc before the first of the steps that {@link #backward} went through, (B,H) in float32. */
    final long cellGradient() {
        return Objects.requireNonNull(cellGradient, "made for training with c").pointer();
    }

    /** The ids of a step; 0 if there are none. */
    final long idsOf(long ids, int step) {
        return ids == 0 ? 0 : ids + (long) Integer.BYTES * step * shape.batch();
    }
}
