package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Gemm;
import org.charlstm.device.Rnn;
import org.jspecify.annotations.Nullable;

/**
 * For each step a product of cuBLAS, and the cell's kernels for the rest. The layers use one workspace in turn. A
 * cell's subclass launches the kernels.
 */
abstract class Stepwise extends Recurrence {
    final int batch;
    final int units;
    final int width;
    final CudaType type;
    private final boolean addsUp;
    /** h times the recurrent kernel for one step, (B,G H). */
    private final CudaBuffer recurrentSums;
    /** dL/dh that the next step passes back, (B,H) in float32; null in inference. */
    private final @Nullable CudaBuffer hiddenGradient;

    /**
     * For one shape.
     *
     * @param addsUp whether a step's kernels write their share of dL/dh before it, to which the product is added
     */
    Stepwise(GpuTools tools, GpuMemory memory, Rnn.Shape shape, boolean addsUp) {
        super(tools, memory, shape);
        batch = shape.batch();
        units = shape.hidden();
        width = shape.layers().width();
        type = products.factors();
        this.addsUp = addsUp;
        recurrentSums = workspace.workspace((long) Float.BYTES * batch * width);
        hiddenGradient = shape.training() ? workspace.workspace((long) Float.BYTES * batch * units) : null;
    }

    /**
     * A step's place in the forward pass.
     *
     * @param t         its number
     * @param input     the rows of the input's sums
     * @param ids       which of them its sequences take; 0 if each has its own
     * @param before    h before it, (B,H); 0 for zeros
     * @param recurrent the product of h before and the recurrent kernel; 0 for zeros
     * @param gates     where its gates are kept; 0 if they are not
     * @param y         receives h
     */
    record Forth(int t, long input, long ids, long before, long recurrent, long gates, long y) {
    }

    /**
     * A step's place in the backward pass.
     *
     * @param t      its number
     * @param before h before it, (B,H); 0 for zeros
     * @param dy     dL/dh from the layer above
     * @param last   whether no step follows
     * @param sums   receive the gradients of this step's sums
     */
    record Back(int t, long before, long dy, boolean last, SumGradients sums) {
    }

    /** Launches what comes after the product of a step. */
    abstract void step(KernelRnnLayer layer, GpuMatrix weights, Forth step);

    /**
     * Launches what computes the gradients of a step's sums.
     *
     * @param hiddenGradient dL/dh that the next step passes back
     */
    abstract void stepBack(KernelRnnLayer layer, GpuMatrix weights, Back step, long hiddenGradient);

    @Override
    final void forward(KernelRnnLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to) {
        for (int t = from; t < to; t++) {
            long before = layer.hiddenBefore(t, y);
            long sums = before == 0 ? 0 : recurrentSums.pointer();
            if (before != 0) {
                products.multiply(Gemm.of(batch, hiddenColumns(), units).withLeading(units, width, width), before,
                        layer.recurrent(weights), 0, sums, CudaType.FLOAT32);
            }
            step(layer, weights, new Forth(t, ids == 0 ? layer.gates(t) : input, idsOf(ids, t), before, sums,
                    shape.training() ? layer.gates(t) : 0, y + t * layer.stepBytes(type)));
        }
    }

    @Override
    final void backward(KernelRnnLayer layer, GpuMatrix weights, long y, long dy, SumGradients sums, int from, int to) {
        long stepOfSums = (long) type.bytes() * batch * width;
        long fromNext = hiddenGradient();
        for (int t = to - 1; t >= from; t--) {
            boolean last = t == shape.steps() - 1;
            if (!last) {
                passBack(layer.recurrent(weights), sums.at((t + 1) * stepOfSums), fromNext, CudaType.FLOAT32);
            }
            stepBack(layer, weights, new Back(t, layer.hiddenBefore(t, y), dy + t * layer.stepBytes(type), last,
                    sums.at(t * stepOfSums)), fromNext);
        }
    }

    @Override
    final void toHidden(KernelRnnLayer layer, long recurrent, SumGradients sums, long hidden) {
        if (addsUp) {
            passBack(recurrent, sums, hiddenGradient(), CudaType.FLOAT32);
            layer.copy(hiddenGradient(), hidden, type.bf16());
        } else {
            passBack(recurrent, sums, hidden, type);
        }
    }

    /** Passes the gradients of a step's sums back to h before it. */
    private void passBack(long recurrent, SumGradients sums, long to, CudaType typeOfIt) {
        products.multiply(Gemm.of(false, true, batch, units, hiddenColumns()).withLeading(width, width, units),
                sums.ofRecurrent(), recurrent, addsUp ? 1 : 0, to, typeOfIt);
    }

    private long hiddenGradient() {
        return Objects.requireNonNull(hiddenGradient, "made for training").pointer();
    }
}
