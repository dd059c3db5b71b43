package org.charlstm.device.cuda.lstm;

import java.util.Optional;
import java.util.stream.IntStream;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.LstmShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.linear.CudaProducts;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.charlstm.device.host.LayersInOrder;

/** LSTMs by products of cuBLAS and own kernels, a step at a time: any layers, and slower than cuDNN. */
public final class KernelEngine implements LstmEngine {
    /** By which {@code --rnn-algo} asks for it. */
    public static final String NAME = "kernels";
    private static final int TENSORS = 3;

    private final CudaContext context;
    private final Kernels kernels;
    private final CudaProducts products;

    public KernelEngine(CudaContext context, Kernels kernels, CudaProducts products) {
        this.context = context;
        this.kernels = kernels;
        this.products = products;
    }

    @Override
    public boolean isNamed(String algorithm) {
        return algorithm.equals(NAME);
    }

    @Override
    public Optional<String> obstacle(LstmLayers layers) {
        return Optional.empty();
    }

    /** How the layers' weights lie in the flat buffers, whatever runs them: one layer's after the other's. */
    public static WeightLayout layoutOf(LstmLayers layers) {
        return new LayersInOrder(IntStream.range(0, layers.count()).mapToObj(l -> layoutOf(layers, l)).toList(),
                TENSORS);
    }

    /** How a layer's weights lie, which follow those of the layer below. */
    static KernelLstmLayout layoutOf(LstmLayers layers, int layer) {
        return new KernelLstmLayout(layers.inputs(layer), layers.hidden());
    }

    @Override
    public Lstm open(CudaMemory memory, LstmShape shape, int offset) {
        return new KernelLstm(context, kernels, products, memory, shape, offset,
                new StepwiseRecurrence(kernels, products, memory, shape));
    }

    @Override
    public String report(LstmShape shape) {
        return NAME;
    }
}
