package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/** Launches the kernels that run the time steps of a {@link KernelRnnLayer}, one after the other. */
abstract class Recurrence {
    final Kernels kernels;
    final GpuProducts products;
    final Rnn.Shape shape;
    final GpuMemory workspace;
    /** Null in inference. */
    private final @Nullable CudaBuffer cellGradient;

    Recurrence(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        kernels = tools.kernels();
        products = tools.products();
        this.shape = shape;
        workspace = memory.forPurpose("LSTM workspace");
        cellGradient = shape.training() ? workspace.workspace((long) Float.BYTES * shape.batch() * shape.hidden())
                : null;
    }

    /** Bytes that a layer keeps of one step: first {@link KernelRnnLayer#inputProducts}, then the gates. */
    long gateBytes(boolean ids) {
        return shape.training() || !ids ? 4L * Float.BYTES * shape.batch() * shape.hidden() : 0;
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
     * Runs the steps from one to before another: reads the state before them, and writes cells, h and, where they are
     * kept, gates.
     *
     * @param input the result of {@link #input}
     * @param ids   the rows of the input that the steps take, or 0 if each step has its own
     * @param y     h of all steps
     */
    abstract void forward(KernelRnnLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to);

    /**
     * Goes back through the steps from the one before {@code to} down to {@code from}, after those from {@code to} on;
     * reads the gates and cells that the forward pass left.
     *
     * @param dy           dL/dh of all steps from the layer above
     * @param sumGradients receives dL/dz, (T B,4H) or interleaved (T B,H,4), of the factors' type
     */
    abstract void backward(KernelRnnLayer layer, GpuMatrix weights, long dy, long sumGradients, int from, int to);

    /** dL/dc before the first of the steps that {@link #backward} went through, (B,H) in float32. */
    final long cellGradient() {
        return Objects.requireNonNull(cellGradient, "made for training").pointer();
    }

    /** The ids of a step; 0 if there are none. */
    final long idsOf(long ids, int step) {
        return ids == 0 ? 0 : ids + (long) Integer.BYTES * step * shape.batch();
    }
}
