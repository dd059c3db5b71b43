package org.charlstm.device.cuda.layer;

import org.charlstm.device.Embedding;
import org.charlstm.device.EmbeddingShape;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaInts;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.charlstm.device.host.Shapes;

/** The embedding: rows of the table, and for each the sum of what comes back. */
public final class CudaEmbedding implements Embedding {
    private final Kernels kernels;
    private final EmbeddingShape shape;
    private final int offset;
    private final EmbeddingGradient gradient;

    public CudaEmbedding(Kernels kernels, CudaMemory memory, EmbeddingShape shape, int offset) {
        this.kernels = kernels;
        this.shape = shape;
        this.offset = offset;
        gradient = new EmbeddingGradient(kernels, memory.forPurpose("activations"), 1, shape.rows(), shape.units(),
                shape.symbols());
    }

    /** The table as it is. */
    public static WeightLayout layout(int symbols, int units) {
        return new AlignedLayout(Math.multiplyExact(symbols, units));
    }

    @Override
    public void forward(Matrix weights, Ints ids, Matrix output) {
        Shapes.ints(ids, shape.rows());
        CudaMatrix y = CudaMatrix.of(output, shape.rows(), shape.units());
        kernels.each(Kernel.EMBEDDING_FORWARD, y.count(), CudaInts.pointer(ids),
                CudaMatrix.of(weights).pointer(offset), y.pointer(), shape.symbols(), shape.units(), (int) y.count(),
                y.bf16());
    }

    @Override
    public void backward(Ints ids, Matrix outputGradient, Matrix gradients) {
        Shapes.ints(ids, shape.rows());
        CudaMatrix dy = CudaMatrix.of(outputGradient, shape.rows(), shape.units());
        gradient.part(0, 0, shape.rows(), CudaInts.pointer(ids), dy.pointer(), dy.bf16());
        gradient.sum(CudaMatrix.of(gradients).pointer(offset), 0);
    }
}
