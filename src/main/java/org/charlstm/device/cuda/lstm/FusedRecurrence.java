package org.charlstm.device.cuda.lstm;

import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaMatrix;

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

    FusedRecurrence(Kernels kernels, LstmShape shape) {
        Kernels.requireCountable(Kernel.LSTM_FUSED_FORWARD, 4L * shape.steps() * shape.batch() * shape.hidden());
        this.kernels = kernels;
        this.shape = shape;
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
    public void forward(KernelLstmLayer layer, CudaMatrix weights, long ids, long y) {
        int units = shape.hidden();
        kernels.launchShared(Kernel.LSTM_FUSED_FORWARD, shape.batch(), threads(units),
                FORWARD_STATE_BYTES + weightBytes(units), ids == 0 ? layer.gates(0) : layer.kernel(weights), ids,
                layer.recurrent(weights), layer.bias(weights), layer.startsAtZero() ? 0L : layer.firstHidden(),
                layer.cellBefore(0), shape.training() ? layer.gates(0) : 0L, layer.cell(0), y, shape.steps(),
                shape.batch(), units, KernelLstmLayer.gateKind(shape));
    }

    @Override
    public void backward(KernelLstmLayer layer, CudaMatrix weights, long dy, long sumGradients) {
        int units = shape.hidden();
        kernels.launchShared(Kernel.LSTM_FUSED_BACKWARD, shape.batch(), threads(units), sharedBytes(units),
                layer.gates(0), layer.cell(0), layer.cellBefore(0), layer.recurrent(weights), dy, sumGradients,
                shape.steps(), shape.batch(), units, KernelLstmLayer.gateKind(shape));
    }
}
