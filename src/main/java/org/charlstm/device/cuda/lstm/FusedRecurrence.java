package org.charlstm.device.cuda.lstm;

import java.util.Objects;
import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaBuffer;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.jspecify.annotations.Nullable;

/** All steps in one launch, a block a sequence, which keeps the recurrent kernel; float32. */
final class FusedRecurrence implements Recurrence {
    /** The most units. */
    static final int MOST_UNITS = 128;
    private static final int UNITS_OF_WARP = 8;
    private static final int UNITS_OF_CHUNK = 16;
    /** Of the recurrent kernel's rows, in 16s, those that stay in registers. */
    private static final int KEPT_CHUNKS = 6;
    /** Bytes of 16 rows of the widest recurrent kernel. */
    private static final int CHUNK_BYTES = UNITS_OF_CHUNK * 4 * MOST_UNITS * Float.BYTES;
    private static final int FORWARD_STATE_BYTES = 2 * MOST_UNITS * Float.BYTES;
    private static final int BACKWARD_STATE_BYTES = 4 * FORWARD_STATE_BYTES;

    private final Kernels kernels;
    private final LstmShape shape;
    /** What steps give back to the cells before them, (B,H); null in inference. */
    private final @Nullable CudaBuffer cellGradient;

    FusedRecurrence(Kernels kernels, CudaMemory memory, LstmShape shape) {
        Kernels.requireCountable(Kernel.LSTM_FUSED_FORWARD, 4L * shape.steps() * shape.batch() * shape.hidden());
        this.kernels = kernels;
        this.shape = shape;
        cellGradient = shape.training()
                ? memory.forPurpose("LSTM workspace").workspace((long) Float.BYTES * shape.batch() * shape.hidden())
                : null;
    }

    private static int threads(int units) {
        return Kernels.WARP * Math.ceilDiv(units, UNITS_OF_WARP);
    }

    private static int weightBytes(int units) {
        return CHUNK_BYTES * Math.max(0, Math.ceilDiv(units, UNITS_OF_CHUNK) - KEPT_CHUNKS);
    }

    /** Shared memory that a block needs, in bytes. */
    static int sharedBytes(int units) {
        return BACKWARD_STATE_BYTES + weightBytes(units);
    }

    @Override
    public int blocks() {
        return shape.batch();
    }

    @Override
    public long gateBytes(boolean ids) {
        return KernelLstmLayer.gateBytes(shape, ids);
    }

    @Override
    public void forward(KernelLstmLayer layer, CudaMatrix weights, long input, long ids, long y, int from, int to) {
        int units = shape.hidden();
        kernels.launchShared(Kernel.LSTM_FUSED_FORWARD, shape.batch(), threads(units),
                FORWARD_STATE_BYTES + weightBytes(units), ids == 0 ? layer.gates(from) : input,
                ids == 0 ? 0L : ids + (long) Integer.BYTES * from * shape.batch(), layer.recurrentMaster(weights),
                layer.bias(weights), layer.hiddenBefore(from, y), layer.cellBefore(from),
                shape.training() ? layer.gates(from) : 0L, layer.cell(from), y + from * layer.stepBytes(layer.type),
                to - from, shape.batch(), units, KernelLstmLayer.gateKind(shape));
    }

    @Override
    public void backward(KernelLstmLayer layer, CudaMatrix weights, long dy, long sumGradients, int from, int to) {
        int units = shape.hidden();
        kernels.launchShared(Kernel.LSTM_FUSED_BACKWARD, shape.batch(), threads(units), sharedBytes(units),
                layer.gates(from), layer.cell(from), layer.cellBefore(from), layer.recurrentMaster(weights),
                dy + from * layer.stepBytes(layer.type), sumGradients + 4L * from * layer.stepBytes(layer.type),
                cellGradient(), to - from, shape.batch(), units,
                KernelLstmLayer.gateKind(shape), to < shape.steps() ? 1 : 0);
    }

    @Override
    public long cellGradient() {
        return Objects.requireNonNull(cellGradient, "made for training").pointer();
    }
}
