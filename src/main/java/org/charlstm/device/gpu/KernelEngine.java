package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.Kernels;
import org.charlstm.device.GpuOptions.Engine;
import org.charlstm.device.Lstm;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.LayersInOrder;

/**
 * LSTMs by products of cuBLAS and own kernels, a step at a time: any layers, and slower than cuDNN. What the
 * others compute is held to what they do.
 */
public final class KernelEngine implements LstmEngine {
    private static final int TENSORS = 3;

    private final CudaContext context;
    private final Kernels kernels;
    private final GpuProducts products;

    public KernelEngine(CudaContext context, Kernels kernels, GpuProducts products) {
        this.context = context;
        this.kernels = kernels;
        this.products = products;
    }

    @Override
    public Engine name() {
        return Engine.PLAIN;
    }

    @Override
    public Optional<String> obstacle(Lstm.Layers layers) {
        return Optional.empty();
    }

    /** How the layers' weights lie in the flat buffers, whatever runs them: one layer's after the other's. */
    public static WeightLayout layoutOf(Lstm.Layers layers) {
        return new LayersInOrder(IntStream.range(0, layers.count()).mapToObj(l -> layoutOf(layers, l)).toList(),
                TENSORS);
    }

    /** How a layer's weights lie, which follow those of the layer below. */
    static KernelLstmLayout layoutOf(Lstm.Layers layers, int layer) {
        return new KernelLstmLayout(layers.inputs(layer), layers.hidden());
    }

    @Override
    public List<LstmCandidate> candidates(Lstm.Shape shape) {
        return List.of(new LstmCandidate(name().toString(), library(),
                (memory, offset) -> new KernelLstm(context, kernels, products,
                        memory, Parts.whole(shape), offset, new StepwiseRecurrence(kernels, products, memory, shape))));
    }
}
