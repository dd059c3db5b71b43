package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.padded;

import org.charlstm.device.WeightLayout;

/**
 * A dense layer's kernel in panels: for each PANEL columns, all rows one after the other, so that the GEMM reads it
 * front to back. The bias comes first.
 *
 * @param inputs  rows of the kernel
 * @param outputs columns of the kernel
 */
record CpuDenseLayout(int inputs, int outputs) implements WeightLayout {
    int panels() {
        return padded(outputs) / PANEL;
    }

    /** Floats of one panel; rows are padded as the input's columns are. */
    int panelSize() {
        return padded(inputs) * PANEL;
    }

    /** Where the panels begin, after the bias. */
    int kernelOffset() {
        return padded(outputs);
    }

    @Override
    public int size() {
        return kernelOffset() + panels() * panelSize();
    }

    private int kernelIndex(int k, int j) {
        return kernelOffset() + j / PANEL * panelSize() + k * PANEL + j % PANEL;
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        for (int j = 0; j < outputs; j++) {
            for (int k = 0; k < inputs; k++) {
                flat[offset + kernelIndex(k, j)] = tensors[0][k * outputs + j];
            }
            flat[offset + j] = tensors[1][j];
        }
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] tensors = {new double[inputs * outputs], new double[outputs]};
        for (int j = 0; j < outputs; j++) {
            for (int k = 0; k < inputs; k++) {
                tensors[0][k * outputs + j] = flat[offset + kernelIndex(k, j)];
            }
            tensors[1][j] = flat[offset + j];
        }
        return tensors;
    }
}
