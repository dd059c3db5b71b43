package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.padded;

import org.charlstm.device.WeightLayout;

/** Tensors of one shape one after the other; their rows are padded as those of matrices are. */
record CpuRowsLayout(int tensors, int rows, int columns) implements WeightLayout {
    @Override
    public int size() {
        return tensors * rows * padded(columns);
    }

    private int row(int tensor, int row) {
        return (tensor * rows + row) * padded(columns);
    }

    @Override
    public void pack(double[][] from, double[] flat, int offset) {
        for (int i = 0; i < tensors; i++) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(from[i], row * columns, flat, offset + row(i, row), columns);
            }
        }
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] to = new double[tensors][rows * columns];
        for (int i = 0; i < tensors; i++) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(flat, offset + row(i, row), to[i], row * columns, columns);
            }
        }
        return to;
    }
}
