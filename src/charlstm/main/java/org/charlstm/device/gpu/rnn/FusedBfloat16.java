package org.charlstm.device.gpu.rnn;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;

/**
 * All steps in one launch in bf16: each block, or cluster of 4 blocks, runs 8 sequences, keeps the recurrent kernel
 * and multiplies by it on tensor cores. Gates are interleaved everywhere: a unit's four lie side by side.
 */
final class FusedBfloat16 extends Recurrence {
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

    FusedBfloat16(GpuTools tools, GpuMemory memory, Rnn.Shape shape, boolean clusters) {
        long width = 4L * shape.hidden();
        Kernels.requireCountable(Kernel.LSTM_TENSOR_FORWARD, width * shape.rows());
        super(tools, memory, shape);
        gateKind = FusedEngine.gateKind(shape);
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
