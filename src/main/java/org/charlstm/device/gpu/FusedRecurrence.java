package org.charlstm.device.gpu;

import java.util.Objects;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.Kernel;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/** All steps in one launch in float32: each block runs one or two sequences and keeps the recurrent kernel. */
final class FusedRecurrence implements Recurrence {
    static final int MOST_UNITS = 128;
    /** With at most this many units all weights fit in registers, and a block runs one sequence. */
    private static final int UNITS_IN_REGISTERS = 96;
    private static final int UNITS_OF_WARP = 16;
    /** Bytes of eight weights for each thread of the largest block. */
    private static final int ROW_BYTES = 8 * 2 * MOST_UNITS * Float.BYTES;
    /** Rows of weights in shared memory, for a block of one sequence and of two. */
    private static final int[] STORED_ROWS = {7, 9};
    /** Shared memory of each sequence of a block. */
    private static final int FORWARD_STATE_BYTES = 2 * MOST_UNITS * Float.BYTES;
    private static final int BACKWARD_STATE_BYTES = 4 * FORWARD_STATE_BYTES;

    private final Kernels kernels;
    private final Lstm.Shape shape;
    private final int sequences;
    /** dL/dc before the steps that have run, (B,H); null in inference. */
    private final @Nullable CudaBuffer cellGradient;

    /**
     * Chooses one or two sequences a block.
     *
     * @param shared bytes of shared memory that a block may have, at least {@link #sharedBytes} for one sequence
     */
    FusedRecurrence(GpuTools tools, GpuMemory memory, Lstm.Shape shape, int shared) {
        Kernels.requireCountable(Kernel.LSTM_FUSED_FORWARD, 4L * shape.steps() * shape.batch() * shape.hidden());
        kernels = tools.kernels();
        this.shape = shape;
        sequences = sharedBytes(shape.hidden(), 2) <= shared
                ? sequences(shape.batch(), shape.hidden(), tools.context().multiprocessors()) : 1;
        cellGradient = shape.training()
                ? memory.forPurpose("LSTM workspace").workspace((long) Float.BYTES * shape.batch() * shape.hidden())
                : null;
    }

    /**
     * Sequences of a block. A multiprocessor runs one block at a time. Two sequences take about 1.8 times as long as
     * one; they are faster where they save more than that in the number of blocks that run one after the other.
     */
    static int sequences(int batch, int units, int multiprocessors) {
        int turns = Math.ceilDiv(batch, multiprocessors);
        int turnsOfTwo = Math.ceilDiv(Math.ceilDiv(batch, 2), multiprocessors);
        return units > UNITS_IN_REGISTERS && 9L * turnsOfTwo < 5L * turns ? 2 : 1;
    }

    private static int threads(int units) {
        return Kernels.WARP * Math.ceilDiv(units, UNITS_OF_WARP);
    }

    private static int weightBytes(int units, int sequences) {
        return units > UNITS_IN_REGISTERS ? STORED_ROWS[sequences - 1] * ROW_BYTES : 0;
    }

    /** Shared memory that a block needs, in bytes. */
    static int sharedBytes(int units, int sequences) {
        return sequences * BACKWARD_STATE_BYTES + weightBytes(units, sequences);
    }

    private int blocks() {
        return Math.ceilDiv(shape.batch(), sequences);
    }

    @Override
    public long gateBytes(boolean ids) {
        return KernelLstmLayer.gateBytes(shape, ids);
    }

    @Override
    public void forward(KernelLstmLayer layer, GpuMatrix weights, long input, long ids, long y, int from, int to) {
        int units = shape.hidden();
        kernels.launchShared(Kernel.LSTM_FUSED_FORWARD, blocks(), threads(units),
                sequences * FORWARD_STATE_BYTES + weightBytes(units, sequences), ids == 0 ? layer.gates(from) : input,
                ids == 0 ? 0L : ids + (long) Integer.BYTES * from * shape.batch(), layer.recurrentMaster(weights),
                layer.bias(weights), layer.hiddenBefore(from, y), layer.cellBefore(from),
                shape.training() ? layer.gates(from) : 0L, layer.cell(from), y + from * layer.stepBytes(layer.type),
                to - from, shape.batch(), units, KernelLstmLayer.gateKind(shape), sequences);
    }

    @Override
    public void backward(KernelLstmLayer layer, GpuMatrix weights, long dy, long sumGradients, int from, int to) {
        int units = shape.hidden();
        kernels.launchShared(Kernel.LSTM_FUSED_BACKWARD, blocks(), threads(units), sharedBytes(units, sequences),
                layer.gates(from), layer.cell(from), layer.cellBefore(from), layer.recurrentMaster(weights),
                dy + from * layer.stepBytes(layer.type), sumGradients + 4L * from * layer.stepBytes(layer.type),
                cellGradient(), to - from, shape.batch(), units,
                KernelLstmLayer.gateKind(shape), to < shape.steps() ? 1 : 0, sequences);
    }

    @Override
    public long cellGradient() {
        return Objects.requireNonNull(cellGradient, "made for training").pointer();
    }
}
