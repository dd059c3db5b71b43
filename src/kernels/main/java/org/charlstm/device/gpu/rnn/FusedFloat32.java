package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * In float32 each block runs one sequence, or two of an LSTM, and keeps the recurrent kernel on the chip. In bf16 the
 * steps are the same, between conversions.
 */
final class FusedFloat32 extends WholeSequences {
    /** Up to this number of units all weights fit in registers, and a block runs one sequence. */
    private static final int UNITS_IN_REGISTERS = 96;
    private static final int UNITS_OF_WARP = 16;
    /** Bytes of a row of weights: eight for each thread of the largest block. */
    private static final int ROW_BYTES = 8 * 2 * FusedEngine.MOST_UNITS * Float.BYTES;
    /** Rows of weights in shared memory, for a block of one sequence and for a block of two. */
    private static final int[] STORED_ROWS = {7, 9};
    /** Shared memory of each sequence of a block in the forward pass. */
    private static final int FORWARD_STATE_BYTES = 2 * FusedEngine.MOST_UNITS * Float.BYTES;

    private final int sequences;
    private final int blocks;
    private final int threads;
    /** Null if activations are float32. */
    private final @Nullable Float32Copies copies;

    /** Chooses one or two sequences for each block. The GPU must have enough shared memory for one. */
    FusedFloat32(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
        Kernels.requireCountable(Kernel.LSTM_FUSED_FORWARD, 4L * shape.steps() * shape.batch() * shape.hidden());
        super(tools, memory, shape);
        sequences = sequences(tools.context(), shape);
        blocks = Math.ceilDiv(shape.batch(), sequences);
        copies = products.factors() == CudaType.FLOAT32 ? null : new Float32Copies(tools, workspace, shape);
        threads = Kernels.WARP * Math.ceilDiv(shape.hidden(), UNITS_OF_WARP);
    }

    /** Sequences of a block: one, or up to two of an LSTM if there is shared memory for two. */
    static int sequences(GpuContext context, Rnn.Shape shape) {
        RecurrentCell cell = shape.layers().cell();
        return cell.hasCell() && sharedBytes(cell, shape.hidden(), 2) <= context.sharedMemory()
                ? sequences(shape.batch(), shape.hidden(), context.multiprocessors()) : 1;
    }

    /**
     * Sequences of a block of an LSTM. A multiprocessor runs one block at a time. Two sequences take about 1.8 times as
     * long as one; two are faster if they reduce the number of successive blocks by a larger factor.
     */
    static int sequences(int batch, int units, int multiprocessors) {
        int turns = Math.ceilDiv(batch, multiprocessors);
        int turnsOfTwo = Math.ceilDiv(Math.ceilDiv(batch, 2), multiprocessors);
        return units > UNITS_IN_REGISTERS && 9L * turnsOfTwo < 5L * turns ? 2 : 1;
    }

    private static int weightBytes(RecurrentCell cell, int units, int sequences) {
        return cell.hasCell() && units > UNITS_IN_REGISTERS ? STORED_ROWS[sequences - 1] * ROW_BYTES : 0;
    }

    /** Bytes of shared memory of a block in the backward pass; a unit has four gradients, or one in an Elman cell. */
    static int sharedBytes(RecurrentCell cell, int units, int sequences) {
        int gradients = cell.gates().size() > 1 ? 4 : 1;
        return sequences * gradients * FORWARD_STATE_BYTES + weightBytes(cell, units, sequences);
    }

    /** In training a GRU keeps the candidate's recurrent sums, which r scales. */
    @Override
    @Nullable
    CudaType kept() {
        return cell.hasCell() || (facts.carriesGradient() && shape.training()) ? CudaType.FLOAT32 : null;
    }

    @Override
    void forward(LayerPass pass, int from, int to) {
        Step first = copies == null ? pass.step(from) : copies.forward(pass, from);
        List<Object> arguments = new ArrayList<>(List.of(first.input(), first.ids(), pass.weights().recurrent(),
                pass.weights().bias(), first.before().hidden()));
        arguments.addAll(switch (cell) {
            case RecurrentCell.Lstm _ -> List.of(first.before().cell(), first.gates(), first.kept());
            case RecurrentCell.Gru _ -> List.of(first.gates(), first.kept());
            case RecurrentCell.Elman _ -> List.of();
        });
        arguments.addAll(List.of(first.y(), to - from, shape.batch(), shape.hidden(), facts.activation()));
        launch(0, sequences * FORWARD_STATE_BYTES + weightBytes(cell, shape.hidden(), sequences), arguments);
        if (copies != null) {
            copies.giveHidden(pass, from, to);
        }
    }

    @Override
    void backward(LayerPass pass, Gradients gradients, int from, int to) {
        Step first = copies == null ? pass.step(from) : copies.backward(pass, from, to);
        Gradients of = copies == null ? gradients.rows(from * shape.batch(), shape.batch())
                : copies.gradients(gradients, from, to);
        List<Object> arguments = new ArrayList<>(switch (cell) {
            case RecurrentCell.Lstm _ -> List.of(first.gates(), first.kept(), first.before().cell());
            case RecurrentCell.Gru _ -> List.of(first.gates(), first.kept(), first.y(), first.before().hidden());
            case RecurrentCell.Elman _ -> List.of(first.y());
        });
        arguments.addAll(List.of(pass.weights().recurrent(), of.dy(), of.ofInput()));
        arguments.addAll(switch (cell) {
            case RecurrentCell.Lstm _ -> List.of(carriedGradient);
            case RecurrentCell.Gru _ -> List.of(of.ofRecurrent(), carriedGradient);
            case RecurrentCell.Elman _ -> List.of();
        });
        arguments.addAll(
                List.of(to - from, shape.batch(), shape.hidden(), facts.activation(), to < shape.steps() ? 1 : 0));
        launch(1, sharedBytes(cell, shape.hidden(), sequences), arguments);
        if (copies != null) {
            copies.giveGradients(gradients, from, to);
        }
    }

    private void launch(int way, int shared, List<Object> arguments) {
        if (cell.hasCell()) {
            arguments.add(sequences);
        }
        kernels.launchShared(facts.blocks().get(way), blocks, threads, shared, arguments.toArray());
    }
}
