package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/**
 * All steps in one launch in bf16: each block, or cluster of 4 blocks, runs 8 sequences, keeps the recurrent kernel and
 * multiplies by it on tensor cores. Gates are interleaved everywhere: a unit's four lie side by side.
 */
final class TensorRecurrence implements Recurrence {
    static final int MOST_UNITS = 128;
    private static final int SEQUENCES = 8;
    private static final int UNITS_OF_FORWARD_WARP = 8;
    private static final int UNITS_OF_BACKWARD_WARP = 16;
    private static final int BLOCKS_OF_CLUSTER = 4;
    private static final int THREADS_OF_CLUSTER_BLOCK = 128;

    private final Kernels kernels;
    private final boolean clusters;
    private final GpuProducts products;
    private final Lstm.Shape shape;
    /** The products of an input of numbers, (T,B,H,4) in float32; null if all inputs are ids. */
    private final @Nullable CudaBuffer inputProducts;
    /** dL/dc before the steps that have run, (B,H); null in inference. */
    private final @Nullable CudaBuffer cellGradient;

    TensorRecurrence(GpuTools tools, GpuMemory memory, Lstm.Shape shape, boolean clusters) {
        long width = 4L * shape.hidden();
        Kernels.requireCountable(Kernel.LSTM_TENSOR_FORWARD, width * shape.rows());
        kernels = tools.kernels();
        this.clusters = clusters;
        products = tools.products();
        this.shape = shape;
        GpuMemory workspace = memory.forPurpose("LSTM workspace");
        boolean numbers = !shape.input().ids() || shape.layers().count() > 1;
        inputProducts = numbers ? workspace.workspace(Float.BYTES * width * shape.rows()) : null;
        cellGradient = shape.training() ? workspace.workspace((long) Float.BYTES * shape.batch() * shape.hidden())
                : null;
    }

    private int threads(int unitsOfWarp) {
        return clusters ? THREADS_OF_CLUSTER_BLOCK : Kernels.WARP * Math.ceilDiv(shape.hidden(), unitsOfWarp);
    }

    /** Blocks of a launch; each keeps a multiprocessor busy. */
    static int blocks(Lstm.Shape shape, boolean clusters) {
        return Math.ceilDiv(shape.batch(), SEQUENCES) * (clusters ? BLOCKS_OF_CLUSTER : 1);
    }

    @Override
    public long gateBytes(boolean ids) {
        return shape.training() ? 4L * Short.BYTES * shape.batch() * shape.hidden() : 0;
    }

    @Override
    public boolean interleaves() {
        return true;
    }

    @Override
    public long input(KernelLstmLayer layer, GpuMatrix weights, long x) {
        if (layer.ids) {
            return layer.kernel(weights);
        }
        long to = Objects.requireNonNull(inputProducts, "made for numbers").pointer();
        products.plain(shape.rows(), layer.layout.width(), layer.layout.inputs(), x, layer.factor(weights, 0), to,
                CudaType.FLOAT32);
        return to;
    }

    @Override
    public void forward(KernelLstmLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to) {
        int units = shape.hidden();
        long rows = (long) from * shape.batch();
        kernels.launch(clusters ? Kernel.LSTM_CLUSTER_FORWARD : Kernel.LSTM_TENSOR_FORWARD, blocks(shape, clusters),
                threads(UNITS_OF_FORWARD_WARP), 1,
                ids == 0 ? input + rows * 4 * units * Float.BYTES : input, ids == 0 ? 0L : ids + rows * Integer.BYTES,
                layer.recurrentMaster(weights), layer.bias(weights), layer.hiddenBefore(from, y),
                layer.cellBefore(from), shape.training() ? layer.gates(from) : 0L, layer.cell(from),
                y + from * layer.stepBytes(layer.type), to - from, shape.batch(), units,
                KernelLstmLayer.gateKind(shape));
    }

    @Override
    public void backward(KernelLstmLayer layer, GpuMatrix weights, long dy, long sumGradients, int from, int to) {
        long step = layer.stepBytes(layer.type);
        kernels.launch(clusters ? Kernel.LSTM_CLUSTER_BACKWARD : Kernel.LSTM_TENSOR_BACKWARD, blocks(shape, clusters),
                threads(UNITS_OF_BACKWARD_WARP), 1, layer.gates(from), layer.cell(from), layer.cellBefore(from),
                layer.recurrentMaster(weights), dy + from * step, sumGradients + 4L * from * step, cellGradient(),
                to - from, shape.batch(), shape.hidden(), KernelLstmLayer.gateKind(shape),
                to < shape.steps() ? 1 : 0);
    }

    @Override
    public long cellGradient() {
        return Objects.requireNonNull(cellGradient, "made for training").pointer();
    }
}
