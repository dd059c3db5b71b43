package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaProperties;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;

/**
 * LSTMs, and no other cells, of few units by own kernels that go through all steps of a part in one launch. Exact in
 * float32. In bf16, clusters of four blocks may share the units of a sequence and exchange h in each step. The work
 * before and after the time steps is as in the {@link PlainEngine}.
 */
final class FusedEngine implements RnnEngine {
    private static final int MOST_UNITS = 128;
    /** The least compute capability that has clusters of blocks. */
    private static final int CLUSTER_CAPABILITY = 90;

    private final GpuContext context;
    private final GpuTools tools;
    private final boolean clusters;
    private final boolean bf16;

    FusedEngine(GpuTools tools, Precision precision, boolean clusters) {
        this.tools = tools;
        context = tools.context();
        this.clusters = clusters;
        bf16 = precision == Precision.BF16;
    }

    @Override
    public Engine name() {
        return clusters ? Engine.CLUSTER : Engine.FUSED;
    }

    @Override
    public Optional<String> lacks(RecurrentCell cell) {
        return switch (cell) {
            case RecurrentCell.Lstm _ -> Optional.empty();
            case RecurrentCell.Gru _,RecurrentCell.Elman _ ->
                Optional.of("rnn-engine " + name() + " runs LSTMs alone, and this layer is " + cell.one());
        };
    }

    @Override
    public boolean competes() {
        return bf16 || !clusters;
    }

    @Override
    public Optional<String> obstacle(Rnn.Shape shape) {
        int units = shape.hidden();
        if (clusters && !bf16) {
            return Optional.of("cluster computes in bf16 only");
        }
        if (units > MOST_UNITS) {
            return Optional.of(name() + " runs at most " + MOST_UNITS + " units, not " + units);
        }
        if (clusters && context.capability() < CLUSTER_CAPABILITY) {
            return Optional.of("cluster needs compute capability " + CudaProperties.capabilityText(CLUSTER_CAPABILITY)
                    + ", and this GPU has " + CudaProperties.capabilityText(context.capability()));
        }
        int needed = bf16 ? 0 : Float32.sharedBytes(units, 1);
        return needed <= context.sharedMemory() ? Optional.empty()
                : Optional.of("fused needs " + needed + " bytes of shared memory for " + units
                        + " units, and this GPU gives a block " + context.sharedMemory());
    }

    @Override
    public Optional<CharlstmException> unloaded() {
        return tools.kernels()
                .obstacle(clusters ? new Kernel[] {Kernel.LSTM_CLUSTER_FORWARD, Kernel.LSTM_CLUSTER_BACKWARD}
                        : bf16 ? new Kernel[] {Kernel.LSTM_TENSOR_FORWARD, Kernel.LSTM_TENSOR_BACKWARD}
                        : new Kernel[] {Kernel.LSTM_FUSED_FORWARD, Kernel.LSTM_FUSED_BACKWARD});
    }

    @Override
    public List<Candidate> candidates(Rnn.Shape shape) {
        int blocks = bf16 ? Bfloat16.blocks(shape, clusters) : shape.batch();
        return TimeParts.candidates(shape, blocks, context.multiprocessors()).stream()
                .map(parts -> new Candidate(name() + parts.title(), false, (memory, offset) -> new KernelRnn(tools,
                        memory, parts, offset, bf16 ? new Bfloat16(tools, memory, shape, clusters)
                                : new Float32(tools, memory, shape))))
                .toList();
    }

    private static int gateKind(Rnn.Shape shape) {
        return Kernels.number(((RecurrentCell.Lstm) shape.layers().cell()).gateActivation());
    }

    /** All steps in one launch in float32: each block runs one or two sequences and keeps the recurrent kernel. */
    static final class Float32 extends Recurrence {
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

        private final int gateKind;
        private final int sequences;
        private final int blocks;
        private final int threads;

        /** Chooses one or two sequences a block; the GPU has shared memory for one. */
        private Float32(GpuTools tools, GpuMemory memory, Rnn.Shape shape) {
            Kernels.requireCountable(Kernel.LSTM_FUSED_FORWARD, 4L * shape.steps() * shape.batch() * shape.hidden());
            super(tools, memory, shape);
            gateKind = gateKind(shape);
            GpuContext context = tools.context();
            sequences = sharedBytes(shape.hidden(), 2) <= context.sharedMemory()
                    ? sequences(shape.batch(), shape.hidden(), context.multiprocessors()) : 1;
            blocks = Math.ceilDiv(shape.batch(), sequences);
            threads = Kernels.WARP * Math.ceilDiv(shape.hidden(), UNITS_OF_WARP);
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

    /**
     * All steps in one launch in bf16: each block, or cluster of 4 blocks, runs 8 sequences, keeps the recurrent kernel
     * and multiplies by it on tensor cores. Gates are interleaved everywhere: a unit's four lie side by side.
     */
    private static final class Bfloat16 extends Recurrence {
        private static final int SEQUENCES = 8;
        private static final int UNITS_OF_FORWARD_WARP = 8;
        private static final int UNITS_OF_BACKWARD_WARP = 16;
        private static final int BLOCKS_OF_CLUSTER = 4;
        private static final int THREADS_OF_CLUSTER_BLOCK = 128;

        private final int gateKind;
        private final boolean clusters;
        private final int blocks;
        /** None if all inputs are ids. */
        private final GpuView inputSums;

        Bfloat16(GpuTools tools, GpuMemory memory, Rnn.Shape shape, boolean clusters) {
            long width = 4L * shape.hidden();
            Kernels.requireCountable(Kernel.LSTM_TENSOR_FORWARD, width * shape.rows());
            super(tools, memory, shape);
            gateKind = gateKind(shape);
            this.clusters = clusters;
            blocks = blocks(shape, clusters);
            boolean numbers = !shape.input().ids() || shape.layers().count() > 1;
            inputSums = numbers ? workspace.space(CudaType.FLOAT32, shape.rows(), 4 * shape.hidden()) : GpuView.NONE;
        }

        private int threads(int unitsOfWarp) {
            return clusters ? THREADS_OF_CLUSTER_BLOCK : Kernels.WARP * Math.ceilDiv(shape.hidden(), unitsOfWarp);
        }

        /** Blocks of a launch; each keeps a multiprocessor busy. */
        static int blocks(Rnn.Shape shape, boolean clusters) {
            return Math.ceilDiv(shape.batch(), SEQUENCES) * (clusters ? BLOCKS_OF_CLUSTER : 1);
        }

        @Override
        CudaType gates() {
            return CudaType.BFLOAT16;
        }

        @Override
        boolean interleaves() {
            return true;
        }

        @Override
        GpuView inputSums() {
            return inputSums;
        }

        @Override
        void forward(LayerPass pass, int from, int to) {
            Step first = pass.step(from);
            kernels.launch(clusters ? Kernel.LSTM_CLUSTER_FORWARD : Kernel.LSTM_TENSOR_FORWARD, blocks,
                    threads(UNITS_OF_FORWARD_WARP), 1, first.input(), first.ids(), pass.weights().recurrent(),
                    pass.weights().bias(), first.before().hidden(), first.before().cell(), first.gates(), first.kept(),
                    first.y(), to - from, shape.batch(), shape.hidden(), gateKind);
        }

        @Override
        void backward(LayerPass pass, Gradients gradients, int from, int to) {
            Step first = pass.step(from);
            Gradients of = gradients.rows(from * shape.batch(), shape.batch());
            kernels.launch(clusters ? Kernel.LSTM_CLUSTER_BACKWARD : Kernel.LSTM_TENSOR_BACKWARD, blocks,
                    threads(UNITS_OF_BACKWARD_WARP), 1, first.gates(), first.kept(), first.before().cell(),
                    pass.weights().recurrent(), of.dy(), of.ofInput(), cellGradient, to - from, shape.batch(),
                    shape.hidden(), gateKind, to < shape.steps() ? 1 : 0);
        }
    }
}
