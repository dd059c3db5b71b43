package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaProperties;
import org.charlstm.cuda.Precision;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.rnn.CellFacts.Clusters;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * Layers of few units by own kernels that run all steps of a part in one launch: LSTMs, Elman cells, and GRUs with the
 * reset after the product. Float32 results are exact float32. In bf16, clusters of blocks may share the units of a
 * sequence and exchange h in each step. The work before and after the steps is as in the {@link PlainEngine}.
 */
final class FusedEngine implements RnnEngine {
    static final int MOST_UNITS = 128;
    /** The first compute capability with clusters of blocks. */
    private static final int CLUSTER_CAPABILITY = 90;
    /** The compute capabilities whose tensor cores multiply bf16 into float32 at their full rate. */
    private static final Set<Integer> FAST_PRODUCTS = Set.of(80, 90, 100, 103);

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
        return CellFacts.of(cell).products() > 1
                ? Optional.of("rnn-engine " + name() + " runs GRUs with the reset after the product alone")
                : Optional.empty();
    }

    @Override
    public boolean competes() {
        return bf16 || !clusters;
    }

    @Override
    public Optional<String> obstacle(Rnn.Shape shape) {
        CellFacts facts = CellFacts.of(shape.layers().cell());
        int units = shape.hidden();
        if (clusters && !bf16) {
            return Optional.of("cluster computes in bf16 only");
        }
        int most = clusters ? facts.clusters().getLast().mostUnits() : MOST_UNITS;
        if (units > most) {
            return Optional.of(name() + " runs at most " + most + " units, not " + units);
        }
        if (clusters && context.capability() < CLUSTER_CAPABILITY) {
            return Optional.of("cluster needs compute capability " + CudaProperties.capabilityText(CLUSTER_CAPABILITY)
                    + ", and this GPU has " + CudaProperties.capabilityText(context.capability()));
        }
        int needed = bf16 ? 0 : FusedFloat32.sharedBytes(shape.layers().cell(), units, 1);
        return needed <= context.sharedMemory() ? Optional.empty()
                : Optional.of("fused needs " + needed + " bytes of shared memory for " + units
                        + " units, and this GPU gives a block " + context.sharedMemory());
    }

    @Override
    public Optional<CharlstmException> unloaded(Rnn.Shape shape) {
        Way preferred = ways(shape).getFirst();
        return tools.kernels().obstacle(preferred.kernels.toArray(Kernel[]::new))
                .or(() -> lacksRoom(preferred.clusters));
    }

    /** Asks whether the GPU runs clusters of more blocks than each GPU of their capability does. */
    private Optional<CharlstmException> lacksRoom(@Nullable Clusters asked) {
        if (asked == null || asked.blocks() <= Clusters.MOST_EVERYWHERE) {
            return Optional.empty();
        }
        try {
            return FusedBfloat16.clustersAtOnce(tools, asked) > 0 ? Optional.empty() : Optional.of(
                    new CharlstmException("this GPU has no room for clusters of " + asked.blocks() + " blocks"));
        } catch (CudaException e) {
            context.requireAfter(e);
            return Optional.of(e);
        }
    }

    /**
     * A way to run the steps, by kernels forward and backward.
     *
     * @param title    the part of a candidate's title after the engine's name
     * @param clusters null if each block runs alone
     * @param wave     gives the number of sequences that run at once
     */
    private record Way(String title, List<Kernel> kernels, @Nullable Clusters clusters, int blocks, IntSupplier wave,
            BiFunction<GpuMemory, TimeParts, Recurrence> steps) {
    }

    /** The ways to run a shape without an obstacle, the preferred one first. */
    private List<Way> ways(Rnn.Shape shape) {
        CellFacts facts = CellFacts.of(shape.layers().cell());
        // Tensor cores that take 32 cycles a product decide a step; there another way may be faster.
        boolean slowProducts = !FAST_PRODUCTS.contains(context.capability());
        if (clusters) {
            return facts.clusters(shape.hidden()).stream()
                    .filter(each -> each.preferred() || (slowProducts && shape.training()))
                    .map(each -> onTensorCores(each.preferred() ? "" : " without gradients",
                            List.of(each.forward(), each.backward()), each, shape))
                    .toList();
        }
        Way exact = new Way(bf16 ? " in float32" : "", facts.blocks(), null, shape.batch(),
                () -> FusedFloat32.sequences(context, shape) * context.multiprocessors(),
                (memory, parts) -> new FusedFloat32(tools, memory, parts.shape()));
        if (!bf16) {
            return List.of(exact);
        }
        Way tensors = onTensorCores("", facts.tensors(), null, shape);
        boolean fits = FusedFloat32.sharedBytes(shape.layers().cell(), shape.hidden(), 1) <= context.sharedMemory();
        return slowProducts && fits ? List.of(tensors, exact) : List.of(tensors);
    }

    private Way onTensorCores(String title, List<Kernel> both, @Nullable Clusters asked, Rnn.Shape shape) {
        return new Way(title, both, asked, FusedBfloat16.blocks(shape, asked), () -> FusedBfloat16.wave(tools, asked),
                (memory, parts) -> new FusedBfloat16(tools, memory, parts, asked));
    }

    @Override
    public List<Candidate> candidates(Rnn.Shape shape) {
        List<Candidate> candidates = new ArrayList<>();
        for (Way way : ways(shape)) {
            int wave = way.wave.getAsInt();
            for (TimeParts parts : TimeParts.candidates(shape, way.blocks, context.multiprocessors(), wave)) {
                candidates.add(new Candidate(name() + way.title + parts.title(), false, wave,
                        (memory, offset) -> new KernelRnn(tools, memory, parts, offset, way.steps)));
            }
        }
        return candidates;
    }
}
