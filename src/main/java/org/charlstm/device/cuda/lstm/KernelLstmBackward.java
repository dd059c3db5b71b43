package org.charlstm.device.cuda.lstm;

import java.util.Objects;
import org.charlstm.device.Activation;
import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.linear.BiasGradient;
import org.charlstm.device.cuda.linear.CudaProducts;
import org.charlstm.device.cuda.memory.CudaBuffer;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.jspecify.annotations.Nullable;

/**
 * The backward pass of a {@link KernelLstm}'s layers, which go one after the other through the same workspace. A
 * {@link Recurrence} goes back to the gradients of the gates' sums; those of the weights are products over all steps at
 * once.
 */
final class KernelLstmBackward {
    private final CudaContext context;
    private final Kernels kernels;
    private final CudaProducts products;
    private final LstmShape shape;
    private final int rows;
    private final int width;
    private final CudaType type;
    /** dL/dz of a layer, (T B,4H), in the factors' type. */
    private final CudaBuffer sumGradients;
    private final Recurrence recurrence;
    /** Of a layer whose input is ids; null if there is none. */
    private final @Nullable EmbeddingGradient embedding;
    /** Of the layers whose input is numbers; null if there are none. */
    private final @Nullable BiasGradient bias;

    KernelLstmBackward(CudaContext context, Kernels kernels, CudaProducts products, CudaMemory memory,
            LstmShape shape, Recurrence recurrence) {
        this.context = context;
        this.kernels = kernels;
        this.products = products;
        this.shape = shape;
        rows = shape.rows();
        width = 4 * shape.hidden();
        type = products.factors();
        CudaMemory workspace = memory.forPurpose("LSTM workspace");
        sumGradients = workspace.workspace((long) type.bytes() * rows * width);
        this.recurrence = recurrence;
        boolean ids = shape.input().ids();
        embedding = ids ? new EmbeddingGradient(kernels, workspace, rows, width, shape.input().columns()) : null;
        bias = ids && shape.layers().count() == 1 ? null
                : new BiasGradient(kernels, workspace, Activation.LINEAR, rows, width);
    }

    private long sumGradients(int t) {
        return sumGradients.pointer() + (long) type.bytes() * t * shape.batch() * width;
    }

    private int bf16() {
        return type == CudaType.BFLOAT16 ? 1 : 0;
    }

    /**
     * Goes back through one layer.
     *
     * @param weights   the flat parameters
     * @param x         ids or numbers
     * @param y         h
     * @param dy        dL/dh
     * @param dx        receives dL/dx; may be {@code dy}, and is not used for ids
     * @param gradients the flat gradients; this layer's part is zero before
     */
    void run(KernelLstmLayer layer, CudaMatrix weights, long x, long y, long dy, long dx, CudaMatrix gradients) {
        recurrence.backward(layer, weights, dy, sumGradients(0));
        recurrentGradient(layer, y, gradients.pointer(layer.offset + layer.layout.recurrentOffset()));
        long kernelGradient = gradients.pointer(layer.offset);
        long biasGradient = gradients.pointer(layer.offset + layer.layout.biasOffset());
        if (layer.ids) {
            Objects.requireNonNull(embedding, "made for ids").run(x, sumGradients(0), bf16(), kernelGradient);
            // Each id names one row of the kernel, so the bias' gradient is the sum of the rows' gradients.
            BiasGradient.sum(kernels, kernelGradient, biasGradient, width, layer.layout.inputs());
        } else {
            products.ofTransposed(layer.layout.inputs(), width, rows, x, sumGradients(0), kernelGradient);
            Objects.requireNonNull(bias, "made for numbers").run(sumGradients(0), 0, bf16(), biasGradient);
            products.byTransposed(rows, layer.layout.inputs(), width, sumGradients(0), layer.factor(weights, 0), dx,
                    type);
        }
    }

    /** h of the step before, transposed, times the gradients; from zeros, the first step adds nothing. */
    private void recurrentGradient(KernelLstmLayer layer, long y, long to) {
        long step = layer.stepBytes(type);
        if (!layer.startsAtZero()) {
            // The gates have been used: h before each step lies side by side in their place.
            long before = layer.gates(0);
            context.driver().copy(before, layer.firstHidden(), step, context.stream());
            if (shape.steps() > 1) {
                context.driver().copy(before + step, y, (shape.steps() - 1) * step, context.stream());
            }
            products.ofTransposed(shape.hidden(), width, rows, before, sumGradients(0), to);
        } else if (shape.steps() > 1) {
            products.ofTransposed(shape.hidden(), width, rows - shape.batch(), y, sumGradients(1), to);
        }
    }
}
