package org.charlstm.device.gpu;

import org.charlstm.device.Embedding;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.tools.EmbeddingGradient;
import org.charlstm.device.gpu.tools.GateInterleaving;
import org.charlstm.device.gpu.tools.GpuInts;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.device.host.Shapes;
import org.charlstm.device.spi.AlignedLayout;

/** The embedding: looks up rows of the table, and sums the gradients of each row. */
public final class GpuEmbedding implements Embedding {
    private final Kernels kernels;
    private final Embedding.Shape shape;
    private final int offset;
    private final EmbeddingGradient gradient;

    public GpuEmbedding(Kernels kernels, GpuMemory memory, Embedding.Shape shape, int offset) {
        this.kernels = kernels;
        this.shape = shape;
        this.offset = offset;
        gradient = new EmbeddingGradient(kernels, memory.forPurpose("activations"), 1, shape.rows(), shape.units(),
                shape.symbols());
    }

    static AlignedLayout layout(int symbols, int units) {
        return new AlignedLayout(GpuMemory.ALIGNMENT, Math.multiplyExact(symbols, units));
    }

    @Override
    public void forward(Matrix weights, Ints ids, Matrix output) {
        Shapes.ints(ids, shape.rows());
        GpuMatrix y = GpuMatrix.of(output, shape.rows(), shape.units());
        long table = GpuMatrix.of(weights).pointer(offset);
        int size = (int) y.count();
        kernels.each(Kernel.EMBEDDING_FORWARD, y.count(), GpuInts.pointer(ids), table, y.pointer(), shape.symbols(),
                shape.units(), size, y.bf16());
    }

    @Override
    public void backward(Ints ids, Matrix outputGradient, Matrix gradients) {
        Shapes.ints(ids, shape.rows());
        GpuMatrix dy = GpuMatrix.of(outputGradient, shape.rows(), shape.units());
        gradient.part(0, 0, shape.rows(), GpuInts.pointer(ids), dy.pointer(), dy.bf16());
        gradient.sum(GpuMatrix.of(gradients).pointer(offset), GateInterleaving.NONE);
    }
}
