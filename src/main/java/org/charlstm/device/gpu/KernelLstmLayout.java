package org.charlstm.device.gpu;

import static org.charlstm.device.gpu.GpuLinearLayout.aligned;

import java.util.Arrays;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.Shapes;

/**
 * An LSTM layer's kernel, recurrent kernel and bias as Keras has them; each begins on a boundary that cuBLAS likes.
 *
 * @param inputs V, I, or H of the layer below
 */
record KernelLstmLayout(int inputs, int hidden) implements WeightLayout {
    /** Columns of all gates. */
    int width() {
        return Math.multiplyExact(4, hidden);
    }

    /** Elements of the kernel. */
    int kernelSize() {
        return Math.multiplyExact(inputs, width());
    }

    int recurrentOffset() {
        return aligned(kernelSize());
    }

    int biasOffset() {
        return Math.addExact(recurrentOffset(), aligned(Math.multiplyExact(hidden, width())));
    }

    @Override
    public int size() {
        return Math.addExact(biasOffset(), aligned(width()));
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        Shapes.require(tensors[0].length == inputs * width() && tensors[1].length == hidden * width()
                && tensors[2].length == width(), "%d, %d and %d values for an LSTM of %d inputs and %d units",
                tensors[0].length, tensors[1].length, tensors[2].length, inputs, hidden);
        System.arraycopy(tensors[0], 0, flat, offset, tensors[0].length);
        System.arraycopy(tensors[1], 0, flat, offset + recurrentOffset(), tensors[1].length);
        System.arraycopy(tensors[2], 0, flat, offset + biasOffset(), tensors[2].length);
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        int recurrent = offset + recurrentOffset();
        int bias = offset + biasOffset();
        return new double[][] {Arrays.copyOfRange(flat, offset, offset + inputs * width()),
            Arrays.copyOfRange(flat, recurrent, recurrent + hidden * width()),
            Arrays.copyOfRange(flat, bias, bias + width())};
    }
}
