package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaType;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.tools.BiasGradient;
import org.charlstm.device.gpu.tools.DenseLayout;
import org.charlstm.device.gpu.tools.GateInterleaving;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.GpuTools;
import org.charlstm.device.gpu.tools.GpuView;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;

/** The dense layer: cuBLAS computes the products, own kernels the rest. */
public final class GpuDense implements Dense {
    private final GpuTools tools;
    private final Dense.Shape shape;
    private final DenseLayout layout;
    private final int offset;
    /** The kernel in bf16; none if the parameters need no conversion. */
    private final GpuView converted;
    private final BiasGradient biasGradient;

    public GpuDense(GpuTools tools, GpuMemory memory, Dense.Shape shape, int offset) {
        this.tools = tools;
        this.shape = shape;
        this.offset = offset;
        layout = new DenseLayout(shape.inputs(), shape.outputs());
        biasGradient = new BiasGradient(tools.kernels(), memory.forPurpose("activations"), shape.activation(),
                shape.rows(), shape.outputs());
        converted = tools.products().factors() == CudaType.BFLOAT16
                ? memory.forPurpose("bf16 weights").space(CudaType.BFLOAT16, shape.inputs(), shape.outputs())
                : GpuView.NONE;
    }

    /** The kernel in the type of the factors, as the last {@link #forward} left it. */
    private GpuView kernel(GpuMatrix weights) {
        return converted.isNone() ? exact(weights) : converted;
    }

    private GpuView exact(GpuMatrix flat) {
        return flat.view(offset, shape.inputs(), shape.outputs());
    }

    @Override
    public void forward(Matrix weights, Matrix input, Matrix output) {
        GpuView x = GpuMatrix.of(input, shape.rows(), shape.inputs()).view();
        GpuView y = GpuMatrix.of(output, shape.rows(), shape.outputs()).view();
        GpuMatrix flat = GpuMatrix.of(weights);
        if (!converted.isNone()) {
            tools.copy(exact(flat), converted);
        }
        tools.products().multiply(x, kernel(flat), 0, y);
        tools.kernels().each(Kernel.BIAS_FORWARD, y.count(), y, flat.pointer(offset + layout.biasOffset()),
                shape.rows(), shape.outputs(), Kernels.number(shape.activation()), y.type().bf16());
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients) {
        GpuView x = GpuMatrix.of(input, shape.rows(), shape.inputs()).view();
        GpuView dx = GpuMatrix.of(inputGradient, shape.rows(), shape.inputs()).view();
        GpuView dy = GpuMatrix.of(outputGradient, shape.rows(), shape.outputs()).view();
        long y = shape.activation() == Activation.LINEAR ? 0
                : GpuMatrix.of(output, shape.rows(), shape.outputs()).pointer();
        GpuMatrix into = GpuMatrix.of(gradients);
        biasGradient.run(dy.pointer(), y, dy.type().bf16(), into.pointer(offset + layout.biasOffset()),
                GateInterleaving.NONE);
        tools.products().multiply(x.transpose(), dy, 0, exact(into));
        tools.products().multiply(dy, kernel(GpuMatrix.of(weights)).transpose(), 0, dx);
    }
}
