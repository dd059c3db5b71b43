package org.charlstm.device.cpu.rnn;

import static org.charlstm.device.cpu.tools.Lanes.PANEL;
import static org.charlstm.device.cpu.tools.Lanes.padded;

import org.charlstm.device.WeightLayout;

/**
 * A recurrent layer's weights with the columns of each gate padded to whole panels: kernel, bias, then the recurrent
 * kernel in panels. For ids, the kernel has a row for each symbol, which is looked up whole; for a matrix input, the
 * kernel lies in panels too. The gates of the kernel and of the first row of the bias are rotated as
 * {@link CpuCell.Form} describes.
 */
record CpuRnnLayout(int inputs, int hidden, boolean ids, CpuCell.Form form) implements WeightLayout {
    /** Columns of one gate, padding included. */
    int gateWidth() {
        return padded(hidden);
    }

    /** Columns of all gates. */
    int width() {
        return form.gates() * gateWidth();
    }

    /** The number of panels of the kernel, and of the recurrent kernel. */
    int panels() {
        return width() / PANEL;
    }

    /** Floats from one row of a matrix input to the next; 0 for ids. */
    int inputStride() {
        return ids ? 0 : padded(inputs);
    }

    /** Floats of one panel of the kernel for a matrix input; rows are padded like the columns of the input. */
    int kernelPanelSize() {
        return inputStride() * PANEL;
    }

    /** Floats of one panel of the recurrent kernel; rows are padded like the columns of the state. */
    int panelSize() {
        return padded(hidden) * PANEL;
    }

    int biasOffset() {
        return ids ? inputs * width() : panels() * kernelPanelSize();
    }

    int recurrentOffset() {
        return biasOffset() + form.biasRows() * width();
    }

    @Override
    public int size() {
        return Math.toIntExact((long) recurrentOffset() + (long) panels() * panelSize());
    }

    /** The padded column of Keras' column j = gate H + unit in the recurrent kernel. */
    private int column(int j) {
        return j / hidden * gateWidth() + j % hidden;
    }

    /** The rotated column of a padded column in the kernel. */
    private int turned(int column) {
        return (column + form.first() * gateWidth()) % width();
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

    /** Copies between Keras' tensors and the flat weights. */
    private void copy(double[][] tensors, double[] flat, int offset, boolean back) {
        int columns = form.gates() * hidden;
        for (int j = 0; j < columns; j++) {
            int column = column(j);
            int turned = turned(column);
            for (int v = 0; v < inputs; v++) {
                copy(tensors[0], v * columns + j, flat, offset + kernelIndex(v, turned), back);
            }
            for (int k = 0; k < hidden; k++) {
                copy(tensors[1], k * columns + j, flat, offset + recurrentIndex(k, column), back);
            }
            copy(tensors[2], j, flat, offset + biasOffset() + turned, back);
            if (form.biasRows() == 2) {
                copy(tensors[2], columns + j, flat, offset + biasOffset() + width() + column, back);
            }
        }
    }

    private static void copy(double[] tensor, int i, double[] flat, int at, boolean back) {
        if (back) {
            tensor[i] = flat[at];
        } else {
            flat[at] = tensor[i];
        }
    }

    @Override
    public void pack(double[][] tensors, double[] flat, int offset) {
        copy(tensors, flat, offset, false);
    }

    @Override
    public double[][] unpack(double[] flat, int offset) {
        int columns = form.gates() * hidden;
        double[][] tensors =
                {new double[inputs * columns], new double[hidden * columns], new double[form.biasRows() * columns]};
        copy(tensors, flat, offset, true);
        return tensors;
    }
}
