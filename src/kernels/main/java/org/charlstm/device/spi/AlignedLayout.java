package org.charlstm.device.spi;

import java.util.Arrays;
import org.charlstm.device.WeightLayout;

/** Tensors one after the other; each begins at a multiple of an alignment in elements. */
public class AlignedLayout implements WeightLayout {
    private final int[] sizes;
    /** The offset of each tensor, then the end of the last tensor. */
    private final int[] offsets;

    /** Lays out tensors of these sizes; throws an {@link ArithmeticException} if the size overflows an int. */
    public AlignedLayout(int alignment, int... sizes) {
        this.sizes = sizes.clone();
        offsets = new int[sizes.length + 1];
        for (int i = 0; i < sizes.length; i++) {
            int padded = Math.multiplyExact(Math.ceilDiv(sizes[i], alignment), alignment);
            offsets[i + 1] = Math.addExact(offsets[i], padded);
        }
    }

    /** The simplest layout: tensors of these sizes one after the other, without padding. */
    public static WeightLayout inOrder(int... sizes) {
        return new AlignedLayout(1, sizes);
    }

    @Override
    public final int size() {
        return offsets[sizes.length];
    }

    /** The offset of a tensor. */
    public final int offset(int tensor) {
        return offsets[tensor];
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
