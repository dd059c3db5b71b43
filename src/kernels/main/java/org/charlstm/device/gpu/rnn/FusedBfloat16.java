package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.LayerPass.Gradients;
import org.charlstm.device.gpu.rnn.LayerPass.Step;
import org.charlstm.device.gpu.rnn.LayerPass.Tensors;
import org.charlstm.device.gpu.tools.GateInterleaving;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * Runs all steps of a part in one launch in bf16. Each block, or cluster of 4 blocks, runs 8 sequences, keeps the
 * recurrent kernel and multiplies by it on tensor cores. Gates are interleaved everywhere: a unit's four sums lie side
 * by side. A GRU's are z, r, the candidate's recurrent sum and its input sum. An Elman cell has one sum.
 */
final class FusedBfloat16 extends WholeSequences {
    private static final int SEQUENCES = 8;
    private static final int UNITS_OF_FORWARD_WARP = 8;
    private static final int UNITS_OF_BACKWARD_WARP = 16;
    private static final int BLOCKS_OF_CLUSTER = 4;
    private static final int THREADS_OF_CLUSTER_BLOCK = 128;
    /** Threads of a block of the backward pass, with the warps that add up the weights' gradients. */
    private static final int THREADS_OF_CLUSTER_BLOCK_BACK = 384;
    /** The greatest number of symbols for which the weight-gradient warps can hold the kernel rows and the bias. */
    private static final int MOST_SYMBOLS = 127;

    private final Kernel ofForward;
    private final Kernel ofBackward;
    private final boolean clusters;
    private final int blocks;
    /** None if the input of every layer is ids. */
    private final GpuView inputSums;
    /** Each cluster's contribution to the gradients of a layer's weights; none without clusters. */
    private final GpuView partials;

    FusedBfloat16(GpuTools tools, GpuMemory memory, Rnn.Shape shape, boolean clusters) {
        CellFacts ofCell = CellFacts.of(shape.layers().cell());
        List<Kernel> both = clusters ? ofCell.clusters() : ofCell.tensors();
        Kernels.requireCountable(both.getFirst(), 4L * shape.hidden() * shape.rows());
        super(tools, memory, shape);
        ofForward = both.getFirst();
        ofBackward = both.getLast();
        this.clusters = clusters;
        blocks = blocks(shape, clusters);
        boolean numbers = !shape.input().ids() || shape.layers().count() > 1;
        inputSums = numbers && !slots().equals(GateInterleaving.NONE)
                ? workspace.space(CudaType.FLOAT32, shape.rows(), width())
                : GpuView.NONE;
        partials = clusters && shape.training()
                ? workspace.space(CudaType.FLOAT32, rows(lowestSymbols()) * blocks / BLOCKS_OF_CLUSTER, width())
                : GpuView.NONE;
    }

    private int lowestSymbols() {
        return clusters && shape.input().ids() && shape.input().columns() <= MOST_SYMBOLS ? shape.input().columns() : 0;
    }

    @Override
    boolean addsUpWeights() {
        return clusters;
    }

    @Override
    int symbols(boolean ids) {
        return ids ? lowestSymbols() : 0;
    }

    /** Rows of each cluster's contribution. */
    private int rows(int symbols) {
        return shape.hidden() + (symbols > 0 ? symbols + 1 : 0);
    }

    @Override
    void weights(boolean ids, Tensors gradients) {
        int symbols = symbols(ids);
        int allClusters = blocks / BLOCKS_OF_CLUSTER;
        int units = shape.hidden();
        int slots = width() / units;
        int inputOrder = slots().order();
        int recurrentOrder = recurrentSlots().order();
        kernels.each(Kernel.WEIGHT_GRADIENTS, (long) rows(symbols) * width(), partials, gradients.kernel(),
                gradients.recurrent(), gradients.bias(), allClusters, symbols, units, slots, cell.gates().size(),
                inputOrder, recurrentOrder, cell.biasRows());
    }

    private int threads(int unitsOfWarp) {
        return clusters ? THREADS_OF_CLUSTER_BLOCK : Kernels.WARP * Math.ceilDiv(shape.hidden(), unitsOfWarp);
    }

    /** Blocks of a launch; each block keeps a multiprocessor busy. */
    static int blocks(Rnn.Shape shape, boolean clusters) {
        return Math.ceilDiv(shape.batch(), SEQUENCES) * (clusters ? BLOCKS_OF_CLUSTER : 1);
    }

    /** The number of sequences that run at once, if each block has a multiprocessor to itself. */
    static int wave(GpuTools tools, RecurrentCell cell, boolean clusters) {
        int multiprocessors = tools.context().multiprocessors();
        return clusters ? waveOfClusters(multiprocessors,
                tools.kernels().clustersAtOnce(CellFacts.of(cell).clusters().getLast(),
                        BLOCKS_OF_CLUSTER, THREADS_OF_CLUSTER_BLOCK_BACK))
                : SEQUENCES * multiprocessors;
    }

    /** The number of sequences that run at once in clusters, if no multiprocessor runs more than one block. */
    static int waveOfClusters(int multiprocessors, int atOnce) {
        return SEQUENCES * Math.clamp(atOnce, 1, Math.max(multiprocessors / BLOCKS_OF_CLUSTER, 1));
    }

    /** An Elman cell keeps no gates; the products of its input use their memory, in float32. */
    @Override
    CudaType gates() {
        return facts.gated() ? CudaType.BFLOAT16 : CudaType.FLOAT32;
    }

    /** A GRU keeps the last h in float32 from one part to the next. */
    @Override
    @Nullable
    CudaType kept() {
        return facts.gated() ? CudaType.FLOAT32 : null;
    }

    @Override
    boolean keepsAll() {
        return cell.hasCell();
    }

    @Override
    GateInterleaving slots() {
        return slots(0x3210, 0x2f10);
    }

    @Override
    GateInterleaving recurrentSlots() {
        return slots(0x3210, 0xf210);
    }

    private GateInterleaving slots(int ofLstm, int ofGru) {
        int gates = shape.layers().cell().gates().size();
        return gates == 1 ? GateInterleaving.NONE
                : new GateInterleaving(shape.hidden(), gates, gates == 4 ? ofLstm : ofGru);
    }

    @Override
    GpuView inputSums() {
        return inputSums;
    }

    @Override
    void forward(LayerPass pass, int from, int to) {
        Step first = pass.step(from);
        List<Object> arguments = new ArrayList<>(List.of(first.input(), first.ids(), pass.weights().recurrent(),
                pass.weights().bias(), first.before().hidden()));
        if (!slots().equals(GateInterleaving.NONE)) {
            arguments.addAll(List.of(first.before().cell(), first.gates(), first.kept()));
        }
        arguments.addAll(List.of(first.y(), to - from, shape.batch(), shape.hidden(), facts.activation()));
        kernels.launch(ofForward, blocks, threads(UNITS_OF_FORWARD_WARP), 1, arguments.toArray());
    }

    @Override
    void backward(LayerPass pass, Gradients gradients, int from, int to) {
        Step first = pass.step(from);
        Gradients of = gradients.rows(from * shape.batch(), shape.batch());
        List<Object> arguments = new ArrayList<>(switch (cell) {
            case RecurrentCell.Lstm _ -> List.of(first.gates(), first.kept(), first.before().cell());
            case RecurrentCell.Gru _ -> List.of(first.gates(), first.y(), first.before().hidden());
            case RecurrentCell.Elman _ -> List.of(first.y());
        });
        arguments.addAll(List.of(pass.weights().recurrent(), of.dy(), of.ofInput()));
        if (!slots().equals(GateInterleaving.NONE)) {
            arguments.add(carriedGradient);
        }
        if (clusters) {
            arguments.addAll(switch (cell) {
                case RecurrentCell.Lstm _ -> List.of(first.y(), first.before().hidden());
                case RecurrentCell.Gru _ -> List.of();
                case RecurrentCell.Elman _ -> List.of(first.before().hidden());
            });
            arguments.addAll(List.of(first.ids(), partials));
        }
        arguments.addAll(
                List.of(to - from, shape.batch(), shape.hidden(), facts.activation(), to < shape.steps() ? 1 : 0));
        if (clusters) {
            arguments.add(symbols(pass.input().ids()));
        }
        kernels.launch(ofBackward, blocks,
                clusters ? THREADS_OF_CLUSTER_BLOCK_BACK : threads(UNITS_OF_BACKWARD_WARP), 1, arguments.toArray());
    }
}
