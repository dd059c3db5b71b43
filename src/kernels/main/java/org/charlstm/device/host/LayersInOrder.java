package org.charlstm.device.host;

import module java.base;
import org.charlstm.device.WeightLayout;

/** The weights of several layers, one layer after the other, each with the same number of tensors. */
public record LayersInOrder(List<? extends WeightLayout> layers, int tensors) implements WeightLayout {
    @Override
    public int size() {
        return layers.stream().mapToInt(WeightLayout::size).reduce(0, Math::addExact);
    }

    @Override
    public void pack(double[][] values, double[] flat, int offset) {
        int at = offset;
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).pack(Arrays.copyOfRange(values, i * tensors, (i + 1) * tensors), flat, at);
            at += layers.get(i).size();
        }
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] values = new double[layers.size() * tensors][];
        int at = offset;
        for (int i = 0; i < layers.size(); i++) {
            System.arraycopy(layers.get(i).unpack(flat, at), 0, values, i * tensors, tensors);
            at += layers.get(i).size();
        }
        return values;
    }
}
