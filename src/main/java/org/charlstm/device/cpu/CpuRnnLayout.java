package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.padded;

import org.charlstm.device.WeightLayout;

/**
 * An LSTM layer's weights with the columns of each gate padded to whole panels: kernel, bias, then the recurrent kernel
 * in panels. The kernel has a row for each symbol, which is looked up whole, or lies in panels like the recurrent one
 * if the input is numbers.
 *
 * @param inputs V, I, or H of the layer below
 * @param ids    whether the input is ids
 */
record CpuRnnLayout(int inputs, int hidden, boolean ids) implements WeightLayout {
    /** Columns of one gate, padding included. */
    int gateWidth() {
        return padded(hidden);
    }

    /** Columns of all gates. */
    int width() {
        return 4 * gateWidth();
    }

    int panels() {
        return width() / PANEL;
    }

    /** Floats from one row of an input of numbers to the next; 0 for ids. */
    int inputStride() {
        return ids ? 0 : padded(inputs);
    }

    /** Floats of one panel of the kernel for numbers; rows are padded as the columns of the input are. */
    int kernelPanelSize() {
        return inputStride() * PANEL;
    }

    /** Floats of one panel of the recurrent kernel; rows are padded as the columns of the state are. */
    int panelSize() {
        return padded(hidden) * PANEL;
    }

    int biasOffset() {
        return ids ? inputs * width() : panels() * kernelPanelSize();
    }

    int recurrentOffset() {
        return biasOffset() + width();
    }

    @Override
    public int size() {
        return Math.toIntExact((long) recurrentOffset() + (long) panels() * panelSize());
    }

    /** Where Keras' column j = gate H + unit goes. */
    private int column(int j) {
        return j / hidden * gateWidth() + j % hidden;
    }

    private int kernelIndex(int v, int column) {
        return ids ? v * width() + column : panelIndex(v, column, kernelPanelSize());
    }

    private int recurrentIndex(int k, int column) {
        return recurrentOffset() + panelIndex(k, column, panelSize());
    }

    private static int panelIndex(int k, int column, int size) {
        return column / PANEL * size + k * PANEL + column % PANEL;
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        for (int j = 0; j < 4 * hidden; j++) {
            int column = column(j);
            for (int v = 0; v < inputs; v++) {
                flat[offset + kernelIndex(v, column)] = tensors[0][v * 4 * hidden + j];
            }
            for (int k = 0; k < hidden; k++) {
                flat[offset + recurrentIndex(k, column)] = tensors[1][k * 4 * hidden + j];
            }
            flat[offset + biasOffset() + column] = tensors[2][j];
        }
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        double[][] tensors = {
            new double[inputs * 4 * hidden], new double[hidden * 4 * hidden], new double[4 * hidden]
        };
        for (int j = 0; j < 4 * hidden; j++) {
            int column = column(j);
            for (int v = 0; v < inputs; v++) {
                tensors[0][v * 4 * hidden + j] = flat[offset + kernelIndex(v, column)];
            }
            for (int k = 0; k < hidden; k++) {
                tensors[1][k * 4 * hidden + j] = flat[offset + recurrentIndex(k, column)];
            }
            tensors[2][j] = flat[offset + biasOffset() + column];
        }
        return tensors;
    }
}
