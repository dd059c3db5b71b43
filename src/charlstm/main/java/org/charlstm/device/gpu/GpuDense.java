package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Activation;
import org.charlstm.device.AlignedLayout;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.jspecify.annotations.Nullable;

/** The dense layer: products through cuBLAS, the rest in kernels. */
public final class GpuDense implements Dense {
    private final Kernels kernels;
    private final GpuProducts products;
    private final Dense.Shape shape;
    private final AlignedLayout layout;
    private final int offset;
    /** The kernel in bf16; null where the parameters themselves serve. */
    private final @Nullable CudaBuffer converted;
    private final BiasGradient biasGradient;

    public GpuDense(Kernels kernels, GpuProducts products, GpuMemory memory, Dense.Shape shape, int offset) {
        this.kernels = kernels;
        this.products = products;
        this.shape = shape;
        this.offset = offset;
        layout = layout(shape.inputs(), shape.outputs());
        biasGradient = new BiasGradient(kernels, memory.forPurpose("activations"), shape.activation(), shape.rows(),
                shape.outputs());
        converted = products.factors() == CudaType.BFLOAT16 ? memory.forPurpose("bf16 weights").workspace(
                (long) CudaType.BFLOAT16.bytes() * shape.inputs() * shape.outputs()) : null;
    }

    /** The kernel, and the bias. */
    static AlignedLayout layout(int inputs, int outputs) {
        return new AlignedLayout(GpuMemory.ALIGNMENT, Math.multiplyExact(inputs, outputs), outputs);
    }

    /** The kernel in the type of the factors, as {@link #forward} leaves it. */
    private long kernel(GpuMatrix weights) {
        return converted == null ? weights.pointer(offset) : converted.pointer();
    }

    @Override
    public void forward(Matrix weights, Matrix input, Matrix output) {
        long x = GpuMatrix.of(input, shape.rows(), shape.inputs()).pointer();
        GpuMatrix y = GpuMatrix.of(output, shape.rows(), shape.outputs());
        GpuMatrix flat = GpuMatrix.of(weights);
        if (converted != null) {
            int size = shape.inputs() * shape.outputs();
            kernels.each(Kernel.CONVERT, size, flat.pointer(offset), converted.pointer(), size, 1);
        }
        products.plain(shape.rows(), shape.outputs(), shape.inputs(), x, kernel(flat), y.pointer(), y.type());
        kernels.each(Kernel.BIAS_FORWARD, y.count(), y.pointer(), flat.pointer(offset + layout.offset(1)),
                shape.rows(), shape.outputs(), BiasGradient.number(shape.activation()), y.bf16());
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients) {
        long x = GpuMatrix.of(input, shape.rows(), shape.inputs()).pointer();
        GpuMatrix dx = GpuMatrix.of(inputGradient, shape.rows(), shape.inputs());
        GpuMatrix dy = GpuMatrix.of(outputGradient, shape.rows(), shape.outputs());
        long y = shape.activation() == Activation.LINEAR ? 0
                : GpuMatrix.of(output, shape.rows(), shape.outputs()).pointer();
        GpuMatrix into = GpuMatrix.of(gradients);
        biasGradient.run(dy.pointer(), y, dy.bf16(), into.pointer(offset + layout.offset(1)), 0);
        products.ofTransposed(shape.inputs(), shape.outputs(), shape.rows(), x, dy.pointer(), into.pointer(offset));
        products.byTransposed(shape.rows(), shape.inputs(), shape.outputs(), dy.pointer(),
                kernel(GpuMatrix.of(weights)), dx.pointer(), dx.type());
    }
}
