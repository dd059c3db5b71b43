package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;

/** An LSTM layer in double, with random weights; its outputs are rounded as a precision does it. */
final class LayerInDouble {
    private static final int SYMBOLS = 5;

    final int steps;
    final int batch;
    final int units;
    final boolean fromIds;
    final boolean hard;
    final double[] input;
    final int[] ids;
    final double[] recurrent;
    final double[] bias;
    final double[] firstHidden;
    final double[] firstCell;
    final double[] gates;
    final double[] cells;
    final double[] hidden;
    private final DoubleUnaryOperator rounding;

    LayerInDouble(int steps, int batch, int units, boolean fromIds, boolean fromZeros, boolean hard,
            DoubleUnaryOperator rounding) {
        this(steps, batch, units, fromIds, fromZeros, hard, rounding, 0);
    }

    /** One that remembers for long and takes little in, by what is added to the forget gates' bias. */
    LayerInDouble(int steps, int batch, int units, boolean fromIds, boolean fromZeros, boolean hard,
            DoubleUnaryOperator rounding, double forgetBias) {
        this.steps = steps;
        this.batch = batch;
        this.units = units;
        this.fromIds = fromIds;
        this.hard = hard;
        this.rounding = rounding;
        int rows = steps * batch;
        input = random(1, (fromIds ? SYMBOLS : rows) * 4 * units, 1.5);
        ids = randomIds(2, rows, SYMBOLS);
        // As a draw from what is no number gives it.
        ids[rows - 1] = -1;
        recurrent = rounded(random(3, units * 4 * units, 2 / Math.sqrt(units)));
        bias = random(4, 4 * units, 1);
        for (int k = 0; k < units; k++) {
            bias[units + k] += forgetBias;
            bias[k] -= forgetBias / 2;
        }
        firstHidden = fromZeros ? new double[batch * units] : rounded(random(5, batch * units, 0.9));
        firstCell = fromZeros ? new double[batch * units] : random(6, batch * units, 2);
        gates = new double[rows * 4 * units];
        cells = new double[rows * units];
        hidden = new double[rows * units];
        for (int row = 0; row < rows; row++) {
            step(row);
        }
    }

    private double[] rounded(double[] values) {
        return Arrays.stream(values).map(rounding).toArray();
    }

    private double before(double[] all, double[] first, int row, int k) {
        return row < batch ? first[row * units + k] : all[(row - batch) * units + k];
    }

    private void step(int row) {
        int from = fromIds ? ids[row] : row;
        for (int column = 0; column < 4 * units; column++) {
            double z = bias[column] + (from < 0 ? 0 : input[from * 4 * units + column]);
            for (int k = 0; k < units; k++) {
                z += before(hidden, firstHidden, row, k) * recurrent[k * 4 * units + column];
            }
            gates[row * 4 * units + column] = column / units == 2 ? Math.tanh(z)
                    : hard ? Math.clamp(0.2 * z + 0.5, 0, 1) : 0.5 + 0.5 * Math.tanh(z / 2);
        }
        for (int k = 0; k < units; k++) {
            int at = row * units + k;
            cells[at] = gate(row, 1, k) * before(cells, firstCell, row, k) + gate(row, 0, k) * gate(row, 2, k);
            hidden[at] = rounding.applyAsDouble(gate(row, 3, k) * Math.tanh(cells[at]));
        }
    }

    private double gate(int row, int g, int k) {
        return gates[(row * 4 + g) * units + k];
    }

    private double slope(double gate) {
        return !hard ? gate * (1 - gate) : gate <= 0 || gate >= 1 ? 0 : 0.2;
    }

    /** dL/dz from dL/dh. */
    double[] backward(double[] dy) {
        double[] dz = new double[gates.length];
        double[] dc = new double[batch * units];
        for (int row = steps * batch - 1; row >= 0; row--) {
            for (int k = 0; k < units; k++) {
                int at = row * units + k;
                int cell = row % batch * units + k;
                double dh = dy[at];
                for (int j = 0; row + batch < steps * batch && j < 4 * units; j++) {
                    dh += dz[(row + batch) * 4 * units + j] * recurrent[k * 4 * units + j];
                }
                double tanh = Math.tanh(cells[at]);
                double[] gate = {gate(row, 0, k), gate(row, 1, k), gate(row, 2, k), gate(row, 3, k)};
                dc[cell] += dh * gate[3] * (1 - tanh * tanh);
                double[] of = {dc[cell] * gate[2] * slope(gate[0]),
                    dc[cell] * before(cells, firstCell, row, k) * slope(gate[1]),
                    dc[cell] * gate[0] * (1 - gate[2] * gate[2]), dh * tanh * slope(gate[3])};
                for (int g = 0; g < 4; g++) {
                    dz[(row * 4 + g) * units + k] = rounding.applyAsDouble(of[g]);
                }
                dc[cell] *= gate[1];
            }
        }
        return dz;
    }
}
