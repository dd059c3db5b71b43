package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.Kernels;
import org.charlstm.cuda.Precision;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.Lstm;

/**
 * LSTMs of few units by own kernels, each of which goes through a whole sequence, exact but in bf16; what lies before
 * and after the time steps is as in the {@link KernelEngine}.
 */
public final class FusedEngine implements LstmEngine {

    private final CudaContext context;
    private final Kernels kernels;
    private final GpuProducts products;
    private final Precision precision;

    public FusedEngine(CudaContext context, Kernels kernels, GpuProducts products, Precision precision) {
        this.context = context;
        this.kernels = kernels;
        this.products = products;
        this.precision = precision;
    }

    @Override
    public Engine name() {
        return Engine.FUSED;
    }

    @Override
    public Optional<String> obstacle(Lstm.Layers layers) {
        int most = precision == Precision.BF16 ? TensorRecurrence.MOST_UNITS : FusedRecurrence.MOST_UNITS;
        if (layers.hidden() > most) {
            return Optional.of("fused runs at most " + most + " units, not " + layers.hidden());
        }
        if (precision == Precision.BF16) {
            return Optional.empty();
        }
        int needed = FusedRecurrence.sharedBytes(layers.hidden(), 1);
        int given = shared();
        return needed <= given ? Optional.empty()
                : Optional.of("fused needs " + needed + " bytes of shared memory for " + layers.hidden()
                        + " units, and this GPU gives a block " + given);
    }

    /** Bytes of shared memory that a block may have. */
    private int shared() {
        return context.driver().attribute(CudaDriver.SHARED_MEMORY_OPT_IN, context.device());
    }

    @Override
    public List<LstmCandidate> candidates(Lstm.Shape shape) {
        boolean bf16 = precision == Precision.BF16;
        int blocks = bf16 ? TensorRecurrence.blocks(shape, false) : shape.batch();
        return Parts.candidates(shape, blocks, context.multiprocessors()).stream()
                .map(parts -> new LstmCandidate(name() + parts.title(), library(), (memory, offset) -> new KernelLstm(
                        context, kernels, products, memory, parts, offset,
                        bf16 ? new TensorRecurrence(kernels, products, memory, shape, false)
                                : new FusedRecurrence(kernels, memory, shape, context.multiprocessors(), shared()))))
                .toList();
    }
}
