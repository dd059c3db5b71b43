package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;

/**
 * A layer of GRUs with the reset after the product, or of Elman cells, in double, with random weights; its outputs are
 * rounded as a precision does it. Of each unit lie side by side the gates z, r, h~ and the candidate's recurrent sum,
 * and the gradients of z, r, that sum and the candidate's input; an Elman cell has one gradient.
 */
final class CellInDouble {
    private static final int SYMBOLS = 5;

    final boolean gru;
    final int steps;
    final int batch;
    final int units;
    /** Hard gates of a GRU, or the ReLU of an Elman cell. */
    final boolean hard;
    /** Gates, and numbers of a unit that lie side by side. */
    final int gates;
    final int slots;
    final double[] input;
    final int[] ids;
    final double[] recurrent;
    final double[] bias;
    final double[] firstHidden;
    final double[] kept;
    final double[] exact;
    final double[] hidden;
    /** The first step's gradient of h before it, without that of its products. */
    final double[] carried;
    private final boolean fromIds;
    private final DoubleUnaryOperator rounding;

    CellInDouble(boolean gru, int steps, int batch, int units, boolean fromIds, boolean fromZeros, boolean hard,
            DoubleUnaryOperator rounding) {
        this.gru = gru;
        this.steps = steps;
        this.batch = batch;
        this.units = units;
        this.fromIds = fromIds;
        this.hard = hard;
        this.rounding = rounding;
        gates = gru ? 3 : 1;
        slots = gru ? 4 : 1;
        int rows = steps * batch;
        input = random(1, (fromIds ? SYMBOLS : rows) * gates * units, 1.5);
        ids = randomIds(2, rows, SYMBOLS);
        // As a draw from what is no number gives it.
        ids[rows - 1] = -1;
        recurrent = rounded(random(3, units * gates * units, (gru ? 2 : 1) / Math.sqrt(units)));
        bias = random(4, (gru ? 2 : 1) * gates * units, 1);
        firstHidden = fromZeros ? new double[batch * units] : rounded(random(5, batch * units, 0.9));
        kept = new double[rows * 4 * units];
        exact = new double[rows * units];
        hidden = new double[rows * units];
        carried = new double[batch * units];
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < units; k++) {
                step(row, k);
            }
        }
    }

    private double[] rounded(double[] values) {
        return Arrays.stream(values).map(rounding).toArray();
    }

    private double before(double[] all, int row, int k) {
        return row < batch ? firstHidden[row * units + k] : all[(row - batch) * units + k];
    }

    private double ofInput(int row, int gate, int k) {
        int from = fromIds ? ids[row] : row;
        return bias[gate * units + k] + (from < 0 ? 0 : input[(from * gates + gate) * units + k]);
    }

    private double ofHidden(int row, int gate, int k) {
        double sum = gru ? bias[(3 + gate) * units + k] : 0;
        for (int j = 0; j < units; j++) {
            sum += before(hidden, row, j) * recurrent[(j * gates + gate) * units + k];
        }
        return sum;
    }

    private double gate(double z) {
        return hard ? z <= -2.5 ? 0 : z >= 2.5 ? 1 : 0.2 * z + 0.5 : 0.5 + 0.5 * Math.tanh(z / 2);
    }

    private double slope(double gate) {
        return !hard ? gate * (1 - gate) : gate <= 0 || gate >= 1 ? 0 : 0.2;
    }

    private void step(int row, int k) {
        int at = row * units + k;
        if (gru) {
            double z = gate(ofInput(row, 0, k) + ofHidden(row, 0, k));
            double r = gate(ofInput(row, 1, k) + ofHidden(row, 1, k));
            double u = ofHidden(row, 2, k);
            double candidate = Math.tanh(ofInput(row, 2, k) + r * u);
            exact[at] = z * before(exact, row, k) + (1 - z) * candidate;
            System.arraycopy(new double[] {z, r, candidate, u}, 0, kept, 4 * at, 4);
        } else {
            double sum = ofInput(row, 0, k) + ofHidden(row, 0, k);
            exact[at] = !hard ? Math.tanh(sum) : sum <= 0 ? 0 : sum;
        }
        hidden[at] = rounding.applyAsDouble(exact[at]);
    }

    /** The gradients of the sums from dL/dh. */
    double[] backward(double[] dy) {
        double[] sums = new double[slots * hidden.length];
        Arrays.fill(carried, 0);
        for (int row = steps * batch - 1; row >= 0; row--) {
            for (int k = 0; k < units; k++) {
                int at = row * units + k;
                int own = row % batch * units + k;
                double dh = dy[at] + carried[own];
                for (int j = 0; row + batch < steps * batch && j < gates * units; j++) {
                    dh += sums[((row + batch) * units + j % units) * slots + j / units]
                            * recurrent[k * gates * units + j];
                }
                double[] of = gru ? gruBack(at, dh, before(hidden, row, k), own)
                        : new double[] {dh * (!hard ? 1 - hidden[at] * hidden[at] : hidden[at] > 0 ? 1 : 0)};
                for (int slot = 0; slot < slots; slot++) {
                    sums[at * slots + slot] = rounding.applyAsDouble(of[slot]);
                }
            }
        }
        return sums;
    }

    private double[] gruBack(int at, double dh, double before, int own) {
        double z = kept[4 * at];
        double r = kept[4 * at + 1];
        double candidate = kept[4 * at + 2];
        double da = dh * (1 - z) * (1 - candidate * candidate);
        carried[own] = dh * z;
        return new double[] {dh * (before - candidate) * slope(z), da * kept[4 * at + 3] * slope(r), da * r, da};
    }
}
