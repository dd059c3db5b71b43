package org.charlstm.device.cuda.lstm;

import java.util.Optional;
import org.charlstm.CharlstmException;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.LstmShape;
import org.charlstm.device.Precision;
import org.charlstm.device.cuda.binding.CudaDriver;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.linear.CudaProducts;
import org.charlstm.device.cuda.memory.CudaMemory;

/**
 * LSTMs of few units by own kernels, each of which goes through a whole sequence, exact but in bf16; what lies before
 * and after the time steps is as in the {@link KernelEngine}.
 */
public final class FusedEngine implements LstmEngine {
    /** By which {@code --rnn-algo} asks for it. */
    public static final String NAME = "fused";

    private final CudaContext context;
    private final Kernels kernels;
    private final CudaProducts products;
    private final Precision precision;

    public FusedEngine(CudaContext context, Kernels kernels, CudaProducts products, Precision precision) {
        this.context = context;
        this.kernels = kernels;
        this.products = products;
        this.precision = precision;
    }

    @Override
    public boolean isNamed(String algorithm) {
        return algorithm.equals(NAME);
    }

    @Override
    public Optional<String> obstacle(LstmLayers layers) {
        int most = precision == Precision.BF16 ? TensorRecurrence.MOST_UNITS : FusedRecurrence.MOST_UNITS;
        if (layers.hidden() > most) {
            return Optional.of("it runs at most " + most + " units, not " + layers.hidden());
        }
        if (precision == Precision.BF16) {
            return Optional.empty();
        }
        int needed = FusedRecurrence.sharedBytes(layers.hidden());
        int given = context.driver().attribute(CudaDriver.SHARED_MEMORY_OPT_IN, context.device());
        return needed <= given ? Optional.empty()
                : Optional.of(layers.hidden() + " units need " + needed
                        + " bytes of shared memory, of which this GPU gives a block " + given);
    }

    private void require(LstmLayers layers) {
        obstacle(layers).ifPresent(reason -> {
            throw new CharlstmException("rnn-algo fused cannot run this LSTM: " + reason
                    + "; rnn-algo kernels runs any").mendedBy("rnn-algo");
        });
    }

    @Override
    public Lstm open(CudaMemory memory, LstmShape shape, int offset) {
        require(shape.layers());
        return new KernelLstm(context, kernels, products, memory, shape, offset,
                precision == Precision.BF16 ? new TensorRecurrence(kernels, products, memory, shape)
                        : new FusedRecurrence(kernels, memory, shape));
    }

    @Override
    public String report(LstmShape shape) {
        return NAME;
    }
}
