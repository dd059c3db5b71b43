package org.charlstm.device.gpu;

import java.util.Arrays;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.Shapes;

/** Tensors in Keras' shapes, one behind the other, each from a boundary on that cuBLAS likes. */
class AlignedLayout implements WeightLayout {
    /** 256 bytes, as cuMemAlloc itself aligns. */
    private static final int ALIGNMENT = 64;

    private final int[] sizes;

    /** For tensors of so many elements. */
    AlignedLayout(int... sizes) {
        this.sizes = sizes;
    }

    /** The kernel of a dense layer, and its bias. */
    static AlignedLayout dense(int inputs, int outputs) {
        return new AlignedLayout(Math.multiplyExact(inputs, outputs), outputs);
    }

    @Override
    public int size() {
        return offset(sizes.length);
    }

    /** Where a tensor begins. */
    int offset(int tensor) {
        return Arrays.stream(sizes, 0, tensor).map(size -> Math.multiplyExact(Math.ceilDiv(size, ALIGNMENT), ALIGNMENT))
                .reduce(0, Math::addExact);
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        Shapes.require(tensors.length == sizes.length, "%d tensors where %d belong", tensors.length, sizes.length);
        for (int i = 0; i < sizes.length; i++) {
            Shapes.require(tensors[i].length == sizes[i], "%d values for a tensor of %d", tensors[i].length, sizes[i]);
            System.arraycopy(tensors[i], 0, flat, offset + offset(i), sizes[i]);
        }
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] tensors = new double[sizes.length][];
        for (int i = 0; i < sizes.length; i++) {
            int at = offset + offset(i);
            tensors[i] = Arrays.copyOfRange(flat, at, at + sizes[i]);
        }
        return tensors;
    }
}
