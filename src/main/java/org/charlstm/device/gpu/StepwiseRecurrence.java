package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/** For each step a product of cuBLAS and a kernel that does the rest. The layers use one workspace in turn. */
final class StepwiseRecurrence implements Recurrence {
    private final Kernels kernels;
    private final GpuProducts products;
    private final Lstm.Shape shape;
    private final int width;
    private final CudaType type;
    /** h times the recurrent kernel for one step, (B,4H). */
    private final CudaBuffer recurrentSums;
    /** dL/dh and dL/dc that the next step passes back, (B,H) in float32; null in inference. */
    private final @Nullable CudaBuffer hiddenGradient;
    private final @Nullable CudaBuffer cellGradient;

    StepwiseRecurrence(GpuTools tools, GpuMemory memory, Lstm.Shape shape) {
        kernels = tools.kernels();
        products = tools.products();
        this.shape = shape;
        width = 4 * shape.hidden();
        type = products.factors();
        GpuMemory workspace = memory.forPurpose("LSTM workspace");
        long step = (long) Float.BYTES * shape.batch() * shape.hidden();
        recurrentSums = workspace.workspace(4 * step);
        hiddenGradient = shape.training() ? workspace.workspace(step) : null;
        cellGradient = shape.training() ? workspace.workspace(step) : null;
    }

    private int bf16() {
        return type == CudaType.BFLOAT16 ? 1 : 0;
    }

    @Override
    public long gateBytes(boolean ids) {
        return KernelLstmLayer.gateBytes(shape, ids);
    }

    @Override
    public void forward(KernelLstmLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to) {
        for (int t = from; t < to; t++) {
            boolean zero = t == 0 && layer.startsAtZero();
            if (!zero) {
                products.plain(shape.batch(), width, shape.hidden(),
                        t == 0 ? layer.firstHidden() : y + (t - 1) * layer.stepBytes(type),
                        layer.recurrent(weights), recurrentSums.pointer(), CudaType.FLOAT32);
            }
            kernels.each(Kernel.LSTM_FORWARD, (long) shape.batch() * shape.hidden(),
                    ids == 0 ? layer.gates(t) : input, ids == 0 ? 0L : ids + (long) Integer.BYTES * t * shape.batch(),
                    zero ? 0L : recurrentSums.pointer(), layer.bias(weights), layer.cellBefore(t),
                    shape.training() ? layer.gates(t) : 0L, layer.cell(t), y + t * layer.stepBytes(type),
                    shape.batch(), shape.hidden(), KernelLstmLayer.gateKind(shape), bf16());
        }
    }

    @Override
    public void backward(KernelLstmLayer layer, GpuMatrix weights, long dy, long sumGradients, int from, int to) {
        long fromNext = Objects.requireNonNull(hiddenGradient, "made for training").pointer();
        long ofCell = cellGradient();
        long stepOfSums = 4 * layer.stepBytes(type);
        for (int t = to - 1; t >= from; t--) {
            boolean last = t == shape.steps() - 1;
            if (!last) {
                products.byTransposed(shape.batch(), shape.hidden(), width, sumGradients + (t + 1) * stepOfSums,
                        layer.recurrent(weights), fromNext, CudaType.FLOAT32);
            }
            kernels.each(Kernel.LSTM_BACKWARD, (long) shape.batch() * shape.hidden(), layer.gates(t),
                    layer.cellBefore(t), layer.cell(t), dy + t * layer.stepBytes(type), last ? 0L : fromNext, ofCell,
                    sumGradients + t * stepOfSums, shape.batch(), shape.hidden(), KernelLstmLayer.gateKind(shape),
                    bf16());
        }
    }

    @Override
    public long cellGradient() {
        return Objects.requireNonNull(cellGradient, "made for training").pointer();
    }
}
