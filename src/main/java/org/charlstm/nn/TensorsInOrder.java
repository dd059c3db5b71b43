package org.charlstm.nn;

import java.util.Arrays;
import java.util.List;
import org.charlstm.device.WeightLayout;

/** Tensors one after the other as they are, on every device: those that are not trained. */
record TensorsInOrder(List<TensorSpec> tensors) implements WeightLayout {
    static final TensorsInOrder NONE = new TensorsInOrder(List.of());

    @Override
    public int size() {
        return Math.toIntExact(tensors.stream().mapToLong(TensorSpec::size).sum());
    }

    @Override
    public void pack(double[][] values, double[] flat, int offset) {
        int at = offset;
        for (double[] each : values) {
            System.arraycopy(each, 0, flat, at, each.length);
            at += each.length;
        }
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] values = new double[tensors.size()][];
        int at = offset;
        for (int i = 0; i < values.length; i++) {
            int end = at + (int) tensors.get(i).size();
            values[i] = Arrays.copyOfRange(flat, at, end);
            at = end;
        }
        return values;
    }
}
