package org.charlstm.device.gpu;

import java.util.Arrays;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.Shapes;

/**
 * A dense layer's kernel as it is, then its bias; each begins on a boundary that cuBLAS likes.
 *
 * @param inputs  rows of the kernel
 * @param outputs columns of the kernel
 */
public record GpuLinearLayout(int inputs, int outputs) implements WeightLayout {
    /** 256 bytes, as cuMemAlloc itself aligns. */
    static final int ALIGNMENT = 64;

    public static int aligned(int elements) {
        return Math.multiplyExact(Math.ceilDiv(elements, ALIGNMENT), ALIGNMENT);
    }

    /** Where the bias begins. */
    public int biasOffset() {
        return aligned(Math.multiplyExact(inputs, outputs));
    }

    @Override
    public int size() {
        return Math.addExact(biasOffset(), aligned(outputs));
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        Shapes.require(tensors[0].length == inputs * outputs && tensors[1].length == outputs,
                "%d and %d values for a dense layer of %d x %d", tensors[0].length, tensors[1].length, inputs, outputs);
        System.arraycopy(tensors[0], 0, flat, offset, tensors[0].length);
        System.arraycopy(tensors[1], 0, flat, offset + biasOffset(), outputs);
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        int bias = offset + biasOffset();
        return new double[][] {Arrays.copyOfRange(flat, offset, offset + inputs * outputs),
            Arrays.copyOfRange(flat, bias, bias + outputs)};
    }
}
