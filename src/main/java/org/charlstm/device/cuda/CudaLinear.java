package org.charlstm.device.cuda;

import org.charlstm.device.Activation;
import org.charlstm.device.Linear;
import org.charlstm.device.LinearShape;
import org.charlstm.device.Matrix;
import org.charlstm.device.cuda.binding.CudaType;

/** The dense layer: products through cuBLAS, the rest in kernels. */
final class CudaLinear implements Linear {
    /** Rows that a block of the backward kernel takes at a time. */
    private static final int BLOCK_ROWS = 8;
    /** Slices of the rows at most: with four blocks of columns, enough to fill the largest GPU. */
    private static final int MAX_SLICES = 64;

    private final Kernels kernels;
    private final CudaProducts products;
    private final LinearShape shape;
    private final CudaLinearLayout layout;
    private final int offset;
    /** The kernel in bf16; null where the parameters themselves serve. */
    private final CudaBuffer converted;
    private final int slices;
    private final CudaBuffer partials;

    CudaLinear(Kernels kernels, CudaProducts products, CudaMemory memory, LinearShape shape, int offset) {
        this.kernels = kernels;
        this.products = products;
        this.shape = shape;
        this.offset = offset;
        layout = new CudaLinearLayout(shape.inputs(), shape.outputs());
        slices = Math.clamp(shape.rows() / BLOCK_ROWS, 1, MAX_SLICES);
        partials = memory.forPurpose("activations").workspace((long) Float.BYTES * slices * shape.outputs());
        converted = products.bfloat16() ? memory.forPurpose("bf16 weights").workspace(
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
        products.plain(shape.rows(), shape.outputs(), shape.inputs(), x, kernel(flat), y.pointer());
        kernels.each(Kernel.BIAS_FORWARD, y.count(), y.pointer(), flat.pointer(offset + layout.biasOffset()),
                shape.rows(), shape.outputs(), shape.activation() == Activation.RELU ? 1 : 0, y.bf16());
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients) {
        long x = CudaMatrix.of(input, shape.rows(), shape.inputs()).pointer();
        long dx = CudaMatrix.of(inputGradient, shape.rows(), shape.inputs()).pointer();
        CudaMatrix dy = CudaMatrix.of(outputGradient, shape.rows(), shape.outputs());
        long y = shape.activation() == Activation.RELU
                ? CudaMatrix.of(output, shape.rows(), shape.outputs()).pointer() : 0;
        kernels.launch(Kernel.BIAS_BACKWARD, slices * Math.ceilDiv(shape.outputs(), Kernels.WARP), Kernels.WARP,
                BLOCK_ROWS, dy.pointer(), y, partials.pointer(), shape.rows(), shape.outputs(), slices, dy.bf16());
        kernels.each(Kernel.BIAS_SUM, shape.outputs(), partials.pointer(),
                CudaMatrix.of(gradients).pointer(offset + layout.biasOffset()), shape.outputs(), slices);
        products.ofTransposed(shape.inputs(), shape.outputs(), shape.rows(), x, dy.pointer(),
                CudaMatrix.of(gradients).pointer(offset));
        products.byTransposed(shape.rows(), shape.inputs(), shape.outputs(), dy.pointer(),
                kernel(CudaMatrix.of(weights)), dx);
    }
}
