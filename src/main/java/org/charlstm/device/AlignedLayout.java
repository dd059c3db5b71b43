package org.charlstm.device;

import java.util.Arrays;

/** Tensors one behind the other, each from a multiple of some number of elements on. */
public class AlignedLayout implements WeightLayout {
    private final int alignment;
    private final int[] sizes;

    /**
     * For tensors of these sizes.
     *
     * @param alignment in elements; 1 for no padding
     */
    public AlignedLayout(int alignment, int... sizes) {
        this.alignment = alignment;
        this.sizes = sizes.clone();
    }

    @Override
    public final int size() {
        return offset(sizes.length);
    }

    /** Where a tensor begins. */
    public final int offset(int tensor) {
        return Arrays.stream(sizes, 0, tensor).map(size -> Math.multiplyExact(Math.ceilDiv(size, alignment), alignment))
                .reduce(0, Math::addExact);
    }

    @Override
    public final void pack(double[][] tensors, double[] flat, int offset) {
        if (!Arrays.equals(Arrays.stream(tensors).mapToInt(tensor -> tensor.length).toArray(), sizes)) {
            throw new IllegalArgumentException("tensors of other sizes than " + Arrays.toString(sizes));
        }
        for (int i = 0; i < sizes.length; i++) {
            System.arraycopy(tensors[i], 0, flat, offset + offset(i), sizes[i]);
        }
    }

    @Override
    public final double[][] unpack(double[] flat, int offset) {
        double[][] tensors = new double[sizes.length][];
        for (int i = 0; i < sizes.length; i++) {
            int at = offset + offset(i);
            tensors[i] = Arrays.copyOfRange(flat, at, at + sizes[i]);
        }
        return tensors;
    }
}
