package org.charlstm.device.cuda.lstm;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.charlstm.Agreement;
import org.charlstm.device.cuda.EveryOrder;
import org.charlstm.device.cuda.Gpu;
import org.charlstm.device.cuda.kernel.Kernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that go through whole sequences, held to loops in double on sizes odd and even, in every order. */
@EveryOrder
class FusedKernelTest {
    private static final double TOLERANCE = 2e-6;
    private static final int V = 5;

    /** What a layer computes, in double. */
    private static final class Layer {
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

        Layer(int steps, int batch, int units, boolean fromIds, boolean fromZeros, boolean hard) {
            this.steps = steps;
            this.batch = batch;
            this.units = units;
            this.fromIds = fromIds;
            this.hard = hard;
            int rows = steps * batch;
            input = random(1, (fromIds ? V : rows) * 4 * units, 1.5);
            ids = randomIds(2, rows, V);
            // As a draw from what is no number gives it.
            ids[rows - 1] = -1;
            recurrent = random(3, units * 4 * units, 2 / Math.sqrt(units));
            bias = random(4, 4 * units, 1);
            firstHidden = fromZeros ? new double[batch * units] : random(5, batch * units, 0.9);
            firstCell = fromZeros ? new double[batch * units] : random(6, batch * units, 2);
            gates = new double[rows * 4 * units];
            cells = new double[rows * units];
            hidden = new double[rows * units];
            for (int row = 0; row < rows; row++) {
                step(row);
            }
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
                hidden[at] = gate(row, 3, k) * Math.tanh(cells[at]);
            }
        }

        private double gate(int row, int g, int k) {
            return gates[(row * 4 + g) * units + k];
        }

        private double slope(double gate) {
            return !hard ? gate * (1 - gate) : gate <= 0 || gate >= 1 ? 0 : 0.2;
        }

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
                        dz[(row * 4 + g) * units + k] = of[g];
                    }
                    dc[cell] *= gate[1];
                }
            }
            return dz;
        }
    }

    private static void launch(Gpu gpu, Kernel kernel, Layer layer, int state, Object... arguments) {
        int chunks = Math.max(0, Math.ceilDiv(layer.units, 16) - 6);
        gpu.kernels().launchShared(kernel, layer.batch, 32 * Math.ceilDiv(layer.units, 8),
                state + (chunks << 15), arguments);
    }

    /** Units of one warp and part of one, of registers alone, of all that there is room for; one step, and more. */
    @ParameterizedTest
    @CsvSource({"1,1,1,true,true,false", "5,3,13,false,false,false", "9,2,16,true,false,true", "4,9,37,true,true,false",
        "40,1,20,false,true,true", "3,2,96,true,false,false", "3,2,99,false,false,false", "4,1,113,true,true,true",
        "3,2,127,true,false,false", "2,3,128,false,true,false"})
    void bothWaysFollowTheFormulas(int steps, int batch, int units, boolean fromIds, boolean fromZeros,
            boolean hard) {
        Layer layer = new Layer(steps, batch, units, fromIds, fromZeros, hard);
        int n = steps * batch * units;
        int kind = hard ? 1 : 0;
        try (Gpu gpu = Gpu.open()) {
            long input = gpu.floats(layer.input);
            long ids = fromIds ? gpu.ints(layer.ids) : 0;
            long recurrent = gpu.floats(layer.recurrent);
            long bias = gpu.floats(layer.bias);
            long firstHidden = fromZeros ? 0 : gpu.floats(layer.firstHidden);
            long firstCell = fromZeros ? 0 : gpu.floats(layer.firstCell);
            long lastCell = gpu.fresh(4L * batch * units);
            long hidden = gpu.fresh(4L * n);
            launch(gpu, Kernel.LSTM_FUSED_FORWARD, layer, 1 << 10, input, ids, recurrent, bias, firstHidden, firstCell,
                    0L, lastCell, hidden, steps, batch, units, kind);
            Agreement.require("h without gates", layer.hidden, gpu.readFloats(hidden, n), TOLERANCE);
            long gates = fromIds ? gpu.fresh(16L * n) : input;
            long cells = gpu.fresh(4L * n);
            launch(gpu, Kernel.LSTM_FUSED_FORWARD, layer, 1 << 10, input, ids, recurrent, bias, firstHidden, firstCell,
                    gates, cells, hidden, steps, batch, units, kind);
            Agreement.require("gates", layer.gates, gpu.readFloats(gates, 4 * n), TOLERANCE);
            Agreement.require("cells", layer.cells, gpu.readFloats(cells, n), TOLERANCE);
            Agreement.require("h", layer.hidden, gpu.readFloats(hidden, n), TOLERANCE);
            double[] all = gpu.readFloats(cells, n);
            double[] last = gpu.readFloats(lastCell, batch * units);
            for (int i = 0; i < last.length; i++) {
                assertEquals(all[n - last.length + i], last[i]);
            }
            double[] dy = random(7, n, 1);
            long sums = gpu.fresh(16L * n);
            launch(gpu, Kernel.LSTM_FUSED_BACKWARD, layer, 4 << 10, gates, cells, firstCell, recurrent,
                    gpu.floats(dy), sums, steps, batch, units, kind);
            Agreement.require("sums' gradients", layer.backward(dy), gpu.readFloats(sums, 4 * n), 5 * TOLERANCE);
        }
    }

    /** In one sequence alone, from the step on where it comes in, and in every unit from the next. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNoNumberStaysNone(boolean hard) {
        Layer layer = new Layer(3, 2, 3, false, true, hard);
        // The first unit's output gate, of the second sequence's second step.
        layer.input[3 * 12 + 9] = Double.NaN;
        try (Gpu gpu = Gpu.open()) {
            long gates = gpu.floats(layer.input);
            long hidden = gpu.fresh(4 * 18);
            launch(gpu, Kernel.LSTM_FUSED_FORWARD, layer, 1 << 10, gates, 0L, gpu.floats(layer.recurrent),
                    gpu.floats(layer.bias), 0L, 0L, gates, gpu.fresh(4 * 18), hidden, 3, 2, 3, hard ? 1 : 0);
            double[] h = gpu.readFloats(hidden, 18);
            for (int i = 0; i < 18; i++) {
                boolean none = i == 9 || i >= 15;
                assertTrue(Double.isNaN(h[i]) == none, "h " + i + " is " + h[i]);
            }
        }
    }
}
