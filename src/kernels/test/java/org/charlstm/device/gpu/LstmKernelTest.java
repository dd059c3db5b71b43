package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.charlstm.Agreement;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels of an LSTM's step on the simulated GPU, unit by unit against their formulas. */
@EveryOrder
@Needs(Need.GPU)
class LstmKernelTest {
    private static final double TOLERANCE = 1e-6;
    private static final int V = 7;

    private static double gate(boolean hard, double z) {
        return !hard ? 0.5 + 0.5 * Math.tanh(z / 2) : z <= -2.5 ? 0 : z >= 2.5 ? 1 : 0.2 * z + 0.5;
    }

    private static double slope(boolean hard, double gate) {
        return !hard ? gate * (1 - gate) : gate == 0 || gate == 1 ? 0 : 0.2;
    }

    private static int flag(boolean set) {
        return set ? 1 : 0;
    }

    /** From ids and from sums; from zeros and from what was before; with gates, in the input's place, and without. */
    @ParameterizedTest
    @CsvSource({"1,1,true,true,true", "3,37,true,false,true", "37,3,false,true,true", "5,129,false,false,true",
        "16,64,true,false,true", "1,1,false,true,false", "3,37,true,false,false", "5,129,false,false,false"})
    void forward(int batch, int units, boolean fromIds, boolean first, boolean hard) {
        int n = batch * units;
        double[] input = random(1, (fromIds ? V : batch) * 4 * units, 4);
        double[] recurrent = random(2, 4 * n, 2);
        double[] bias = random(3, 4 * units, 1);
        double[] before = random(4, n, 2);
        int[] ids = randomIds(5, batch, V);
        // As a draw from what is no number gives it.
        ids[batch - 1] = -1;
        double[] gates = new double[4 * n];
        double[] cells = new double[n];
        double[] hidden = new double[n];
        int clipped = 0;
        for (int b = 0; b < batch; b++) {
            for (int k = 0; k < units; k++) {
                for (int g = 0; g < 4; g++) {
                    int column = g * units + k;
                    int row = fromIds ? ids[b] : b;
                    double z = bias[column] + (row < 0 ? 0 : input[row * 4 * units + column])
                            + (first ? 0 : recurrent[b * 4 * units + column]);
                    gates[b * 4 * units + column] = g == 2 ? Math.tanh(z) : gate(hard, z);
                    clipped += g != 2 && (gate(hard, z) == 0 || gate(hard, z) == 1) ? 1 : 0;
                }
                int at = b * 4 * units + k;
                int unit = b * units + k;
                cells[unit] = (first ? 0 : gates[at + units] * before[unit]) + gates[at] * gates[at + 2 * units];
                hidden[unit] = gates[at + 3 * units] * Math.tanh(cells[unit]);
            }
        }
        assertTrue(n < 100 || !hard || clipped > n / 2, clipped + " clipped gates");
        try (Gpu gpu = Gpu.open()) {
            long given = gpu.floats(input);
            long last = first ? 0 : gpu.floats(before);
            long h = gpu.fresh(4L * n);
            long c = gpu.fresh(4L * n);
            long kept = gpu.fresh(16L * n);
            long sums = first ? 0 : gpu.floats(recurrent);
            long rows = fromIds ? gpu.ints(ids) : 0;
            gpu.each(Kernel.LSTM_FORWARD, n, given, rows, sums, gpu.floats(bias), last, kept, c, h, batch, units,
                    flag(hard), 0);
            Agreement.require("gates", gates, gpu.readFloats(kept, 4 * n), TOLERANCE);
            Agreement.require("cells", cells, gpu.readFloats(c, n), TOLERANCE);
            Agreement.require("hidden", hidden, gpu.readFloats(h, n), TOLERANCE);
            long inPlace = first ? c : last;
            gpu.each(Kernel.LSTM_FORWARD, n, given, rows, sums, gpu.floats(bias), last,
                    fromIds ? 0L : given, inPlace, h, batch, units, flag(hard), 0);
            Agreement.require("cells in place", cells, gpu.readFloats(inPlace, n), TOLERANCE);
            Agreement.require("hidden again", hidden, gpu.readFloats(h, n), TOLERANCE);
            if (!fromIds) {
                Agreement.require("gates in place", gates, gpu.readFloats(given, 4 * n), TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNoNumberStaysNone(boolean hard) {
        try (Gpu gpu = Gpu.open()) {
            long h = gpu.fresh(8);
            long c = gpu.fresh(8);
            // Unit 0's output gate, and nothing else.
            gpu.each(Kernel.LSTM_FORWARD, 2, gpu.floats(0, 0, 0, 0, 1, 1, Double.NaN, 1), 0L, 0L,
                    gpu.floats(new double[8]), 0L, 0L, c, h, 1, 2, flag(hard), 0);
            assertEquals(Double.NaN, gpu.readFloats(h, 2)[0]);
            assertTrue(gpu.readFloats(h, 2)[1] > 0 && gpu.readFloats(c, 2)[0] > 0);
        }
    }

    /** Sums so large that an exponential overflows, or nothing of it is left. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gatesOfLargeSumsAreZeroOrOne(boolean hard) {
        try (Gpu gpu = Gpu.open()) {
            long h = gpu.fresh(8);
            long c = gpu.fresh(8);
            long gates = gpu.fresh(32);
            gpu.each(Kernel.LSTM_FORWARD, 2, gpu.floats(-1e4, 1e4, -1e30, 1e30, 0, 0, -3e38, 3e38), 0L, 0L,
                    gpu.floats(new double[8]), 0L, gates, c, h, 1, 2, flag(hard), 0);
            assertArrayEquals(new double[] {0, 1, 0, 1, 0, 0, 0, 1}, gpu.readFloats(gates, 8));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,true,true,true", "3,37,true,false,true", "37,3,false,true,true", "5,129,false,false,true",
        "16,64,false,false,true", "1,1,true,true,false", "5,129,false,false,false"})
    void backward(int batch, int units, boolean first, boolean last, boolean hard) {
        int n = batch * units;
        double[] gates = random(1, 4 * n, 1);
        double[] cells = random(2, n, 2);
        double[] before = random(3, n, 2);
        double[] dy = random(4, n, 1);
        double[] dh = random(5, n, 1);
        double[] dc = random(6, n, 1);
        double[] sums = new double[4 * n];
        double[] cellGradients = new double[n];
        for (int b = 0; b < batch; b++) {
            for (int k = 0; k < units; k++) {
                int at = b * 4 * units + k;
                int unit = b * units + k;
                for (int g = 0; g < 4; g++) {
                    // A quarter of the gates is 0 and a quarter 1.
                    gates[at + g * units] = g == 2 ? gates[at + g * units]
                            : Math.clamp((float) (gates[at + g * units] + 0.5), 0f, 1f);
                }
                double i = gates[at];
                double f = gates[at + units];
                double candidate = gates[at + 2 * units];
                double o = gates[at + 3 * units];
                double tanh = Math.tanh(cells[unit]);
                double dhHere = dy[unit] + (last ? 0 : dh[unit]);
                double dcHere = (last ? 0 : dc[unit]) + dhHere * o * (1 - tanh * tanh);
                sums[at] = dcHere * candidate * slope(hard, i);
                sums[at + units] = dcHere * (first ? 0 : before[unit]) * slope(hard, f);
                sums[at + 2 * units] = dcHere * i * (1 - candidate * candidate);
                sums[at + 3 * units] = dhHere * tanh * slope(hard, o);
                cellGradients[unit] = dcHere * f;
            }
        }
        try (Gpu gpu = Gpu.open()) {
            long cellGradient = last ? gpu.fresh(4L * n) : gpu.floats(dc);
            long sumGradients = gpu.fresh(16L * n);
            gpu.each(Kernel.LSTM_BACKWARD, n, gpu.floats(gates), first ? 0L : gpu.floats(before), gpu.floats(cells),
                    gpu.floats(dy), last ? 0L : gpu.floats(dh), cellGradient, sumGradients, batch, units,
                    flag(hard), 0);
            Agreement.require("sums' gradients", sums, gpu.readFloats(sumGradients, 4 * n), TOLERANCE);
            Agreement.require("cells' gradients", cellGradients, gpu.readFloats(cellGradient, n), TOLERANCE);
        }
    }
}
