package org.charlstm.device.cuda.linear;

import org.charlstm.device.Activation;
import org.charlstm.device.Linear;
import org.charlstm.device.LinearShape;
import org.charlstm.device.Matrix;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.kernel.Kernel;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaBuffer;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.cuda.memory.CudaMemory;
import org.jspecify.annotations.Nullable;

/** The dense layer: products through cuBLAS, the rest in kernels. */
public final class CudaLinear implements Linear {
    private final Kernels kernels;
    private final CudaProducts products;
    private final LinearShape shape;
    private final CudaLinearLayout layout;
    private final int offset;
    /** The kernel in bf16; null where the parameters themselves serve. */
    private final @Nullable CudaBuffer converted;
    private final BiasGradient biasGradient;

    public CudaLinear(Kernels kernels, CudaProducts products, CudaMemory memory, LinearShape shape, int offset) {
        this.kernels = kernels;
        this.products = products;
        this.shape = shape;
        this.offset = offset;
        layout = new CudaLinearLayout(shape.inputs(), shape.outputs());
        biasGradient = new BiasGradient(kernels, memory.forPurpose("activations"), shape.activation(), shape.rows(),
                shape.outputs());
        converted = products.factors() == CudaType.BFLOAT16 ? memory.forPurpose("bf16 weights").workspace(
                (long) CudaType.BFLOAT16.bytes() * shape.inputs() * shape.outputs()) : null;
    }

    /** The kernel in the type of the factors, as {@link #forward} leaves it. */
    private long kernel(CudaMatrix weights) {
        return converted == null ? weights.pointer(offset) : converted.pointer();
    }

    @Override
    public void forward(Matrix weights, Matrix input, Matrix output) {
        long x = CudaMatrix.of(input, shape.rows(), shape.inputs()).pointer();
        CudaMatrix y = CudaMatrix.of(output, shape.rows(), shape.outputs());
        CudaMatrix flat = CudaMatrix.of(weights);
        if (converted != null) {
            int size = shape.inputs() * shape.outputs();
            kernels.each(Kernel.CONVERT, size, flat.pointer(offset), converted.pointer(), size, 1);
        }
        products.plain(shape.rows(), shape.outputs(), shape.inputs(), x, kernel(flat), y.pointer(), y.type());
        kernels.each(Kernel.BIAS_FORWARD, y.count(), y.pointer(), flat.pointer(offset + layout.biasOffset()),
                shape.rows(), shape.outputs(), BiasGradient.number(shape.activation()), y.bf16());
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients) {
        long x = CudaMatrix.of(input, shape.rows(), shape.inputs()).pointer();
        CudaMatrix dx = CudaMatrix.of(inputGradient, shape.rows(), shape.inputs());
        CudaMatrix dy = CudaMatrix.of(outputGradient, shape.rows(), shape.outputs());
        long y = shape.activation() == Activation.LINEAR ? 0
                : CudaMatrix.of(output, shape.rows(), shape.outputs()).pointer();
        CudaMatrix into = CudaMatrix.of(gradients);
        biasGradient.run(dy.pointer(), y, dy.bf16(), into.pointer(offset + layout.biasOffset()), 0);
        products.ofTransposed(shape.inputs(), shape.outputs(), shape.rows(), x, dy.pointer(), into.pointer(offset));
        products.byTransposed(shape.rows(), shape.inputs(), shape.outputs(), dy.pointer(),
                kernel(CudaMatrix.of(weights)), dx.pointer(), dx.type());
    }
}
