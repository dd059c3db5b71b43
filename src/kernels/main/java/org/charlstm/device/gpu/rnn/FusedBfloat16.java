package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.CellFacts.Clusters;
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
 * Runs all steps of a part in one launch in bf16. Each block, or cluster of blocks, runs 8 sequences, keeps the
 * recurrent kernel and multiplies by it on tensor cores. Gates are interleaved everywhere: a unit's four sums lie side
 * by side. A GRU's are z, r, the candidate's recurrent sum and its input sum. An Elman cell has one sum.
 */
final class FusedBfloat16 extends WholeSequences {
    private static final int SEQUENCES = 8;
    private static final int UNITS_OF_FORWARD_WARP = 8;
    private static final int UNITS_OF_BACKWARD_WARP = 16;
    /** The most threads of a block of a cluster that leaves registers for another. */
    private static final int SMALL_BLOCK = 128;
    /** The greatest number of symbols for which the weight-gradient warps can hold the kernel rows and the bias. */
    private static final int MOST_SYMBOLS = 127;

    private final Kernel ofForward;
    private final Kernel ofBackward;
    private final @Nullable Clusters clusters;
    private final boolean addsUp;
    /** Of the backward pass. */
    private final TimeParts parts;
    private final int blocks;
    /** None if the input of every layer is ids. */
    private final GpuView inputSums;
    /** Each cluster's contribution in each part to a layer's weight gradients; none if products add these up. */
    private final GpuView partials;

    FusedBfloat16(GpuTools tools, GpuMemory memory, TimeParts given, @Nullable Clusters clusters) {
        Rnn.Shape shape = given.shape();
        List<Kernel> blocksAlone = CellFacts.of(shape.layers().cell()).tensors();
        Kernel forward = clusters == null ? blocksAlone.getFirst() : clusters.forward();
        Kernels.requireCountable(forward, 4L * shape.hidden() * shape.rows());
        super(tools, memory, shape);
        ofForward = forward;
        ofBackward = clusters == null ? blocksAlone.getLast() : clusters.backward();
        this.clusters = clusters;
        addsUp = clusters != null && clusters.addsUpWeights();
        parts = given.ofBackward(addsUp);
        blocks = blocks(shape, clusters);
        boolean numbers = !shape.input().ids() || shape.layers().count() > 1;
        inputSums = numbers && !slots().equals(GateInterleaving.NONE)
                ? workspace.space(CudaType.FLOAT32, shape.rows(), width())
                : GpuView.NONE;
        partials = addsUp && shape.training()
                ? workspace.space(CudaType.FLOAT32, rows(lowestSymbols()) * contributions(), width())
                : GpuView.NONE;
    }

    private int lowestSymbols() {
        return addsUp && shape.input().ids() && shape.input().columns() <= MOST_SYMBOLS ? shape.input().columns() : 0;
    }

    @Override
    boolean addsUpWeights() {
        return addsUp;
    }

    @Override
    int symbols(boolean ids) {
        return ids ? lowestSymbols() : 0;
    }

    private int contributions() {
        return parts.count() * clustersOrBlocks(shape);
    }

    /** Rows of each contribution. */
    private int rows(int symbols) {
        return shape.hidden() + (symbols > 0 ? symbols + 1 : 0);
    }

    @Override
    void weights(boolean ids, Tensors gradients) {
        int symbols = symbols(ids);
        int units = shape.hidden();
        int slots = width() / units;
        int clusters = contributions();
        int inputOrder = slots().order();
        int recurrentOrder = recurrentSlots().order();
        kernels.each(Kernel.WEIGHT_GRADIENTS, (long) rows(symbols) * width(), partials, gradients.kernel(),
                gradients.recurrent(), gradients.bias(), clusters, symbols, units, slots, cell.gates().size(),
                inputOrder, recurrentOrder, cell.biasRows());
    }

    /** Threads of a block that has all units. */
    private int threads(int unitsOfWarp) {
        return Kernels.WARP * Math.ceilDiv(shape.hidden(), unitsOfWarp);
    }

    /** The blocks or clusters of a launch. */
    private static int clustersOrBlocks(Rnn.Shape shape) {
        return Math.ceilDiv(shape.batch(), SEQUENCES);
    }

    /** Blocks of a launch, by clusters or, for null, each by itself; each block keeps a multiprocessor busy. */
    static int blocks(Rnn.Shape shape, @Nullable Clusters clusters) {
        return clustersOrBlocks(shape) * (clusters == null ? 1 : clusters.blocks());
    }

    /** The number of sequences that run at once, by clusters or, for null, by blocks on a multiprocessor each. */
    static int wave(GpuTools tools, @Nullable Clusters clusters) {
        int multiprocessors = tools.context().multiprocessors();
        return clusters == null ? SEQUENCES * multiprocessors
                : waveOfClusters(clusters, multiprocessors, clustersAtOnce(tools, clusters));
    }

    /** The number of clusters that run at once, as the driver says. */
    static int clustersAtOnce(GpuTools tools, Clusters clusters) {
        return tools.kernels().clustersAtOnce(clusters.backward(), clusters.blocks(), clusters.threadsBack());
    }

    /**
     * The number of sequences that run at once in clusters. Of small blocks a multiprocessor runs two: one computes
     * while the other waits. Of others it runs one.
     */
    static int waveOfClusters(Clusters clusters, int multiprocessors, int atOnce) {
        int blocksOfMultiprocessor = clusters.threadsBack() <= SMALL_BLOCK ? 2 : 1;
        return SEQUENCES * Math.clamp(atOnce, 1,
                Math.max(blocksOfMultiprocessor * multiprocessors / clusters.blocks(), 1));
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
        kernels.launch(ofForward, blocks, clusters == null ? threads(UNITS_OF_FORWARD_WARP) : clusters.threads(), 1,
                arguments.toArray());
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
        if (addsUp) {
            arguments.addAll(switch (cell) {
                case RecurrentCell.Lstm _ -> List.of(first.y(), first.before().hidden());
                case RecurrentCell.Gru _ -> List.of();
                case RecurrentCell.Elman _ -> List.of(first.before().hidden());
            });
            int rows = rows(symbols(pass.input().ids())) * clustersOrBlocks(shape);
            arguments.addAll(List.of(first.ids(), partials.rows(parts.at(from) * rows, rows)));
        }
        arguments.addAll(
                List.of(to - from, shape.batch(), shape.hidden(), facts.activation(), to < shape.steps() ? 1 : 0));
        if (addsUp) {
            arguments.add(symbols(pass.input().ids()));
        }
        kernels.launch(ofBackward, blocks,
                clusters == null ? threads(UNITS_OF_BACKWARD_WARP) : clusters.threadsBack(), 1, arguments.toArray());
    }
}
