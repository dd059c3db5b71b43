package org.charlstm.device.cuda;

import org.charlstm.device.Linear;
import org.charlstm.device.LinearShape;
import org.charlstm.device.Matrix;

/** The dense layer: products through cuBLAS, the rest in kernels. */
final class CudaLinear implements Linear {
    /** The block of the bias gradient's kernel. */
    private static final int GRADIENT_ROWS = 8;

    private final Kernels kernels;
    private final CudaProducts products;
    private final LinearShape shape;
    private final CudaLinearLayout layout;
    private final int offset;

    CudaLinear(Kernels kernels, CudaProducts products, LinearShape shape, int offset) {
        this.kernels = kernels;
        this.products = products;
        this.shape = shape;
        this.offset = offset;
        layout = new CudaLinearLayout(shape.inputs(), shape.outputs());
    }

    @Override
    public void forward(Matrix weights, Matrix input, Matrix output) {
        long x = CudaMatrix.of(input, shape.rows(), shape.inputs()).pointer();
        CudaMatrix y = CudaMatrix.of(output, shape.rows(), shape.outputs());
        products.plain(shape.rows(), shape.outputs(), shape.inputs(), x, CudaMatrix.of(weights).pointer(offset),
                y.pointer());
        kernels.each(Kernel.BIAS_FORWARD, y.count(), y.pointer(),
                CudaMatrix.of(weights).pointer(offset + layout.biasOffset()), shape.rows(), shape.outputs(),
                shape.relu() ? 1 : 0);
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients) {
        long x = CudaMatrix.of(input, shape.rows(), shape.inputs()).pointer();
        long dx = CudaMatrix.of(inputGradient, shape.rows(), shape.inputs()).pointer();
        CudaMatrix dy = CudaMatrix.of(outputGradient, shape.rows(), shape.outputs());
        if (shape.relu()) {
            kernels.each(Kernel.RELU_BACKWARD, dy.count(), dy.pointer(),
                    CudaMatrix.of(output, shape.rows(), shape.outputs()).pointer(), dy.count());
        }
        kernels.launch(Kernel.BIAS_GRADIENT, Math.ceilDiv(shape.outputs(), Kernels.WARP), Kernels.WARP, GRADIENT_ROWS,
                dy.pointer(), CudaMatrix.of(gradients).pointer(offset + layout.biasOffset()), shape.rows(),
                shape.outputs());
        products.ofTransposed(shape.inputs(), shape.outputs(), shape.rows(), x, dy.pointer(),
                CudaMatrix.of(gradients).pointer(offset));
        products.byTransposed(shape.rows(), shape.inputs(), shape.outputs(), dy.pointer(),
                CudaMatrix.of(weights).pointer(offset), dx);
    }
}
