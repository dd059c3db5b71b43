package org.charlstm.device.gpu.rnn;

import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;

/** All steps in one launch in float32: each block runs one or two sequences and keeps the recurrent kernel. */
final class FusedFloat32 extends Recurrence {
    /** With at most this many units all weights fit in registers, and a block runs one sequence. */
    private static final int UNITS_IN_REGISTERS = 96;
    private static final int UNITS_OF_WARP = 16;
    /** Bytes of eight weights for each thread of the largest block. */
    private static final int ROW_BYTES = 8 * 2 * FusedEngine.MOST_UNITS * Float.BYTES;
    /** Rows of weights in shared memory, for a block of one sequence and of two. */
    private static final int[] STORED_ROWS = {7, 9};
    /** Shared memory of each sequence of a block. */
    private static final int FORWARD_STATE_BYTES = 2 * FusedEngine.MOST_UNITS * Float.BYTES;
    private static final int BACKWARD_STATE_BYTES = 4 * FORWARD_STATE_BYTES;

    private final int gateKind;
    private final int sequences;
    private final int blocks;
    private final int threads;

    /** Chooses one or two sequences a block; the GPU has shared memory for one. */
    FusedFloat32(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        Kernels.requireCountable(Kernel.LSTM_FUSED_FORWARD, 4L * shape.steps() * shape.batch() * shape.hidden());
        super(tools, memory, shape);
        gateKind = FusedEngine.kind(shape);
        sequences = sequences(tools.context(), shape);
        blocks = Math.ceilDiv(shape.batch(), sequences);
        threads = Kernels.WARP * Math.ceilDiv(shape.hidden(), UNITS_OF_WARP);
    }

    /** Sequences of a block, as far as there is shared memory for them. */
    static int sequences(GpuContext context, Rnn.Shape shape) {
        return sharedBytes(shape.hidden(), 2) <= context.sharedMemory()
                ? sequences(shape.batch(), shape.hidden(), context.multiprocessors()) : 1;
    }

    /**
     * Sequences of a block. A multiprocessor runs one block at a time. Two sequences take about 1.8 times as long
     * as one; they are faster where they save more than that in the number of blocks that run one after the other.
     */
    static int sequences(int batch, int units, int multiprocessors) {
        int turns = Math.ceilDiv(batch, multiprocessors);
        int turnsOfTwo = Math.ceilDiv(Math.ceilDiv(batch, 2), multiprocessors);
        return units > UNITS_IN_REGISTERS && 9L * turnsOfTwo < 5L * turns ? 2 : 1;
    }

    private static int weightBytes(int units, int sequences) {
        return units > UNITS_IN_REGISTERS ? STORED_ROWS[sequences - 1] * ROW_BYTES : 0;
    }

    static int sharedBytes(int units, int sequences) {
        return sequences * BACKWARD_STATE_BYTES + weightBytes(units, sequences);
    }

    @Override
    void forward(LayerPass pass, int from, int to) {
        int units = shape.hidden();
        Step first = pass.step(from);
        kernels.launchShared(Kernel.LSTM_FUSED_FORWARD, blocks, threads,
                sequences * FORWARD_STATE_BYTES + weightBytes(units, sequences), first.input(), first.ids(),
                pass.weights().recurrent(), pass.weights().bias(), first.before().hidden(), first.before().cell(),
                first.gates(), first.kept(), first.y(), to - from, shape.batch(), units, gateKind, sequences);
    }

    @Override
    void backward(LayerPass pass, Gradients gradients, int from, int to) {
        int units = shape.hidden();
        Step first = pass.step(from);
        Gradients of = gradients.rows(from * shape.batch(), shape.batch());
        kernels.launchShared(Kernel.LSTM_FUSED_BACKWARD, blocks, threads, sharedBytes(units, sequences),
                first.gates(), first.kept(), first.before().cell(), pass.weights().recurrent(), of.dy(),
                of.ofInput(), cellGradient, to - from, shape.batch(), units, gateKind, to < shape.steps() ? 1 : 0,
                sequences);
    }
}
