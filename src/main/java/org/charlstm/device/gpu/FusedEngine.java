package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.Precision;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.Lstm;

/**
 * LSTMs of few units by own kernels that go through all steps of a part in one launch. Exact in float32. In bf16,
 * clusters of four blocks may share the units of a sequence and exchange h in each step. The work
 * before and after the time steps is as in the {@link PlainEngine}.
 */
final class FusedEngine implements LstmEngine {
    /** The least compute capability that has clusters of blocks. */
    private static final int CLUSTER_CAPABILITY = 90;

    private final CudaContext context;
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
    public boolean competes() {
        return bf16 || !clusters;
    }

    @Override
    public Optional<String> obstacle(Lstm.Shape shape) {
        int units = shape.hidden();
        int most = bf16 ? TensorRecurrence.MOST_UNITS : FusedRecurrence.MOST_UNITS;
        int capability = context.capability();
        if (clusters && !bf16) {
            return Optional.of("cluster computes in bf16 only");
        }
        if (units > most) {
            return Optional.of(name() + " runs at most " + most + " units, not " + units);
        }
        if (clusters && capability < CLUSTER_CAPABILITY) {
            return Optional.of("cluster needs compute capability 9.0, and this GPU has " + capability / 10 + "."
                    + capability % 10);
        }
        if (bf16) {
            return Optional.empty();
        }
        int needed = FusedRecurrence.sharedBytes(units, 1);
        return needed <= sharedBytes() ? Optional.empty()
                : Optional.of("fused needs " + needed + " bytes of shared memory for " + units
                        + " units, and this GPU gives a block " + sharedBytes());
    }

    /** Shared memory that a block may have. */
    private int sharedBytes() {
        return context.driver().attribute(CudaDriver.SHARED_MEMORY_OPT_IN, context.device());
    }

    @Override
    public List<Candidate> candidates(Lstm.Shape shape) {
        int blocks = bf16 ? TensorRecurrence.blocks(shape, clusters) : shape.batch();
        return TimeParts.candidates(shape, blocks, context.multiprocessors()).stream()
                .map(parts -> new Candidate(name() + parts.title(), false, (memory, offset) -> new KernelLstm(tools,
                        memory, parts, offset, bf16 ? new TensorRecurrence(tools, memory, shape, clusters)
                                : new FusedRecurrence(tools, memory, shape, sharedBytes()))))
                .toList();
    }
}
