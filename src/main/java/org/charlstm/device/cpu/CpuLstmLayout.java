package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.Lanes.PANEL;
import static org.charlstm.device.cpu.Lanes.padded;

import org.charlstm.device.WeightLayout;

/**
 * An LSTM's weights with the columns of each gate padded to whole panels: kernel (a row for each symbol), bias, then
 * the recurrent kernel in panels.
 *
 * @param symbols V
 * @param hidden  H
 */
record CpuLstmLayout(int symbols, int hidden) implements WeightLayout {
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

    /** Floats of one panel of the recurrent kernel; rows are padded as the hidden state's columns are. */
    int panelSize() {
        return padded(hidden) * PANEL;
    }

    int biasOffset() {
        return symbols * width();
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

    private int recurrentIndex(int k, int column) {
        return recurrentOffset() + column / PANEL * panelSize() + k * PANEL + column % PANEL;
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        for (int j = 0; j < 4 * hidden; j++) {
            int column = column(j);
            for (int v = 0; v < symbols; v++) {
                flat[offset + v * width() + column] = tensors[0][v * 4 * hidden + j];
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
            new double[symbols * 4 * hidden], new double[hidden * 4 * hidden], new double[4 * hidden]
        };
        for (int j = 0; j < 4 * hidden; j++) {
            int column = column(j);
            for (int v = 0; v < symbols; v++) {
                tensors[0][v * 4 * hidden + j] = flat[offset + v * width() + column];
            }
            for (int k = 0; k < hidden; k++) {
                tensors[1][k * 4 * hidden + j] = flat[offset + recurrentIndex(k, column)];
            }
            tensors[2][j] = flat[offset + biasOffset() + column];
        }
        return tensors;
    }
}
