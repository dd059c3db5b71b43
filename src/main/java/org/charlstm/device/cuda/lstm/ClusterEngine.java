package org.charlstm.device.cuda.lstm;

import java.util.List;
import java.util.Optional;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.LstmShape;
import org.charlstm.device.Precision;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.linear.CudaProducts;

/** As the {@link FusedEngine} in bf16, but four blocks share the units of a sequence and exchange h in each step. */
public final class ClusterEngine implements LstmEngine {
    /** By which {@code --lstm} asks for it. */
    public static final String NAME = "cluster";
    /** The least compute capability that has clusters of blocks. */
    private static final int CAPABILITY = 90;

    private final CudaContext context;
    private final Kernels kernels;
    private final CudaProducts products;
    private final Precision precision;

    public ClusterEngine(CudaContext context, Kernels kernels, CudaProducts products, Precision precision) {
        this.context = context;
        this.kernels = kernels;
        this.products = products;
        this.precision = precision;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean competes() {
        return precision == Precision.BF16;
    }

    @Override
    public Optional<String> obstacle(LstmLayers layers) {
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
    public List<LstmCandidate> candidates(LstmShape shape) {
        return Parts.candidates(shape, TensorRecurrence.blocks(shape, true), context.multiprocessors()).stream()
                .map(parts -> new LstmCandidate(NAME + parts.title(), library(), (memory, offset) -> new KernelLstm(
                        context, kernels, products, memory, parts, offset,
                        new TensorRecurrence(kernels, products, memory, shape, true))))
                .toList();
    }
}
