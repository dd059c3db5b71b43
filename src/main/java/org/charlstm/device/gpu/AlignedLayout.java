package org.charlstm.device.gpu;

import java.util.Arrays;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.Shapes;

/** Tensors as they are, each of which begins on a boundary that kernels like. */
public final class AlignedLayout implements WeightLayout {
    private final int[] sizes;

    /** For tensors of so many elements. */
    public AlignedLayout(int... sizes) {
        this.sizes = sizes;
    }

    @Override
    public int size() {
        return offset(sizes.length);
    }

    /** Where a tensor begins. */
    private int offset(int tensor) {
        return Arrays.stream(sizes, 0, tensor).map(GpuLinearLayout::aligned).reduce(0, Math::addExact);
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
