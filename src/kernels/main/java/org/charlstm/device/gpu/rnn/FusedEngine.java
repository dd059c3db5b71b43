package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaProperties;
import org.charlstm.cuda.Precision;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.Kernel;

/**
 * Layers of few units by own kernels that run all steps of a part in one launch: LSTMs, Elman cells, and GRUs with the
 * reset after the product. Float32 results are exact float32. In bf16, clusters of four blocks may share the units of a
 * sequence and exchange h in each step. The work before and after the steps is as in the {@link PlainEngine}.
 */
final class FusedEngine implements RnnEngine {
    static final int MOST_UNITS = 128;
    /** The first compute capability with clusters of blocks. */
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
        int needed = bf16 ? 0 : FusedFloat32.sharedBytes(shape.layers().cell(), units, 1);
        return needed <= context.sharedMemory() ? Optional.empty()
                : Optional.of("fused needs " + needed + " bytes of shared memory for " + units
                        + " units, and this GPU gives a block " + context.sharedMemory());
    }

    @Override
    public Optional<CharlstmException> unloaded(RecurrentCell cell) {
        CellFacts facts = CellFacts.of(cell);
        List<Kernel> both = !bf16 ? facts.blocks() : clusters ? facts.clusters() : facts.tensors();
        return tools.kernels().obstacle(both.toArray(Kernel[]::new));
    }

    @Override
    public List<Candidate> candidates(Rnn.Shape shape) {
        int blocks = bf16 ? FusedBfloat16.blocks(shape, clusters) : shape.batch();
        int wave = bf16 ? FusedBfloat16.wave(tools, shape.layers().cell(), clusters)
                : FusedFloat32.sequences(context, shape) * context.multiprocessors();
        return TimeParts.candidates(shape, blocks, context.multiprocessors()).stream()
                .map(parts -> new Candidate(name() + parts.title(), false, wave,
                        (memory, offset) -> new KernelRnn(tools,
                                memory, parts, offset, bf16 ? new FusedBfloat16(tools, memory, shape, clusters)
                                        : new FusedFloat32(tools, memory, shape))))
                .toList();
    }
}
