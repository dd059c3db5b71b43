package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.Kernels;
import org.charlstm.cuda.Precision;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.Lstm;

/** As the {@link FusedEngine} in bf16, but four blocks share the units of a sequence and exchange h in each step. */
public final class ClusterEngine implements LstmEngine {
    /** The least compute capability that has clusters of blocks. */
    private static final int CAPABILITY = 90;

    private final CudaContext context;
    private final Kernels kernels;
    private final GpuProducts products;
    private final Precision precision;

    public ClusterEngine(CudaContext context, Kernels kernels, GpuProducts products, Precision precision) {
        this.context = context;
        this.kernels = kernels;
        this.products = products;
        this.precision = precision;
    }

    @Override
    public Engine name() {
        return Engine.CLUSTER;
    }

    @Override
    public boolean competes() {
        return precision == Precision.BF16;
    }

    @Override
    public Optional<String> obstacle(Lstm.Layers layers) {
        if (precision != Precision.BF16) {
            return Optional.of("cluster computes in bf16 only");
        }
        if (layers.hidden() > TensorRecurrence.MOST_UNITS) {
            return Optional
                    .of("cluster runs at most " + TensorRecurrence.MOST_UNITS + " units, not " + layers.hidden());
        }
        int capability = context.capability();
        return capability >= CAPABILITY ? Optional.empty()
                : Optional.of("cluster needs compute capability 9.0, and this GPU has " + capability / 10 + "."
                        + capability % 10);
    }

    @Override
    public List<LstmCandidate> candidates(Lstm.Shape shape) {
        return Parts.candidates(shape, TensorRecurrence.blocks(shape, true), context.multiprocessors()).stream()
                .map(parts -> new LstmCandidate(name() + parts.title(), library(), (memory, offset) -> new KernelLstm(
                        context, kernels, products, memory, parts, offset,
                        new TensorRecurrence(kernels, products, memory, shape, true))))
                .toList();
    }
}
