package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.host.Shapes;

/** The plainest layout: the tensors one after the other, as they are. */
final class TensorsInOrder implements WeightLayout {
    private final int[] sizes;

    TensorsInOrder(int... sizes) {
        this.sizes = sizes;
    }

    @Override
    public int size() {
        return Arrays.stream(sizes).reduce(0, Math::addExact);
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        Shapes.require(tensors.length == sizes.length, "%d tensors where %d belong", tensors.length, sizes.length);
        int at = offset;
        for (int i = 0; i < sizes.length; i++) {
            Shapes.require(tensors[i].length == sizes[i], "%d values for a tensor of %d", tensors[i].length, sizes[i]);
            System.arraycopy(tensors[i], 0, flat, at, sizes[i]);
            at += sizes[i];
        }
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] tensors = new double[sizes.length][];
        int at = offset;
        for (int i = 0; i < sizes.length; i++) {
            tensors[i] = Arrays.copyOfRange(flat, at, at + sizes[i]);
            at += sizes[i];
        }
        return tensors;
    }
}
