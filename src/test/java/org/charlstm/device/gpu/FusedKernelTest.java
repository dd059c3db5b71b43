package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.charlstm.Agreement;
import org.charlstm.cuda.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that go through whole sequences, held to loops in double on sizes odd and even, in every order. */
@EveryOrder
@Needs(Need.GPU)
class FusedKernelTest {
    private static final double TOLERANCE = 2e-6;

    /** The kernel's last argument is how many sequences a block has. */
    private static void launch(Gpu gpu, Kernel kernel, LayerInDouble layer, int state, int sequences,
            Object... arguments) {
        int stored = sequences == 2 ? 9 : layer.units > 96 ? 7 : 0;
        Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = sequences;
        gpu.kernels().launchShared(kernel, Math.ceilDiv(layer.batch, sequences), 32 * Math.ceilDiv(layer.units, 16),
                sequences * state + (stored << 13), all);
    }

    /** Units of one warp and part of one, of registers alone, of all that there is room for; one step, and more. */
    @ParameterizedTest
    @CsvSource({"1,1,1,true,true,false,1", "5,3,13,false,false,false,1", "9,2,16,true,false,true,1",
        "4,9,37,true,true,false,1", "40,1,20,false,true,true,1", "3,2,96,true,false,false,1",
        "3,2,99,false,false,false,1", "4,1,113,true,true,true,1", "3,2,127,true,false,false,1",
        "2,3,128,false,true,false,1", "7,4,6,true,true,false,1", "6,5,17,false,false,true,1",
        "8,6,5,true,false,false,1", "3,7,2,true,true,false,1", "2,8,7,false,false,false,1",
        "3,3,64,true,false,false,1", "3,1,65,false,true,true,1", "3,1,97,true,true,false,2",
        "4,3,128,false,false,false,2", "2,4,111,true,false,true,2", "5,37,3,true,true,false,2"})
    void bothWaysFollowTheFormulas(int steps, int batch, int units, boolean fromIds, boolean fromZeros,
            boolean hard, int sequences) {
        LayerInDouble layer = new LayerInDouble(steps, batch, units, fromIds, fromZeros, hard, x -> x);
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
            launch(gpu, Kernel.LSTM_FUSED_FORWARD, layer, 1 << 10, sequences, input, ids, recurrent, bias, firstHidden,
                    firstCell,
                    0L, lastCell, hidden, steps, batch, units, kind);
            Agreement.require("h without gates", layer.hidden, gpu.readFloats(hidden, n), TOLERANCE);
            long gates = fromIds ? gpu.fresh(16L * n) : input;
            long cells = gpu.fresh(4L * n);
            launch(gpu, Kernel.LSTM_FUSED_FORWARD, layer, 1 << 10, sequences, input, ids, recurrent, bias, firstHidden,
                    firstCell,
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
            long outputGradient = gpu.floats(dy);
            long carried = gpu.fresh(4L * batch * units);
            launch(gpu, Kernel.LSTM_FUSED_BACKWARD, layer, 4 << 10, sequences, gates, cells, firstCell, recurrent,
                    outputGradient,
                    sums, carried, steps, batch, units, kind, 0);
            Agreement.require("sums' gradients", layer.backward(dy), gpu.readFloats(sums, 4 * n), 5 * TOLERANCE);
            if (steps > 1) {
                // The same in two parts.
                int at = steps / 2;
                long from = 4L * at * batch * units;
                double[] whole = gpu.readFloats(sums, 4 * n);
                double[] first = gpu.readFloats(carried, batch * units);
                sums = gpu.fresh(16L * n);
                launch(gpu, Kernel.LSTM_FUSED_BACKWARD, layer, 4 << 10, sequences, gates + 4 * from, cells + from,
                        cells + from - 4L * batch * units, recurrent, outputGradient + from, sums + 4 * from, carried,
                        steps - at, batch, units, kind, 0);
                launch(gpu, Kernel.LSTM_FUSED_BACKWARD, layer, 4 << 10, sequences, gates, cells, firstCell, recurrent,
                        outputGradient, sums, carried, at, batch, units, kind, 1);
                assertArrayEquals(whole, gpu.readFloats(sums, 4 * n));
                assertArrayEquals(first, gpu.readFloats(carried, batch * units));
            }
        }
    }

    /** In one sequence alone, from the step on where it comes in, and in every unit from the next. */
    @ParameterizedTest
    @CsvSource({"false,1", "true,1", "false,2", "true,2"})
    void whatIsNoNumberStaysNone(boolean hard, int sequences) {
        LayerInDouble layer = new LayerInDouble(3, 2, 3, false, true, hard, x -> x);
        // The first unit's output gate, of the second sequence's second step.
        layer.input[3 * 12 + 9] = Double.NaN;
        try (Gpu gpu = Gpu.open()) {
            long gates = gpu.floats(layer.input);
            long hidden = gpu.fresh(4 * 18);
            launch(gpu, Kernel.LSTM_FUSED_FORWARD, layer, 1 << 10, sequences, gates, 0L, gpu.floats(layer.recurrent),
                    gpu.floats(layer.bias), 0L, 0L, gates, gpu.fresh(4 * 18), hidden, 3, 2, 3, hard ? 1 : 0);
            double[] h = gpu.readFloats(hidden, 18);
            for (int i = 0; i < 18; i++) {
                boolean none = i == 9 || i >= 15;
                assertTrue(Double.isNaN(h[i]) == none, "h " + i + " is " + h[i]);
            }
        }
    }

    /** From sums of any size, down to those of which only a relative error is small. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gatesAndCellsAreExactWhateverTheirSize(boolean hard) {
        int units = 128;
        double[] z = new double[4 * units];
        for (int i = 0; i < z.length; i++) {
            z[i] = (float) ((i % 2 == 0 ? 1 : -1) * Math.pow(10, -6 + 7.3 * (i % units) / units));
        }
        LayerInDouble shape = new LayerInDouble(1, 1, units, false, true, hard, x -> x);
        try (Gpu gpu = Gpu.open()) {
            long gates = gpu.fresh(16L * units);
            long cells = gpu.fresh(4L * units);
            long hidden = gpu.fresh(4L * units);
            launch(gpu, Kernel.LSTM_FUSED_FORWARD, shape, 1 << 10, 1, gpu.floats(z), 0L,
                    gpu.floats(new double[4 * units * units]), gpu.floats(new double[4 * units]), 0L, 0L, gates, cells,
                    hidden, 1, 1, units, hard ? 1 : 0);
            double[] gate = gpu.readFloats(gates, 4 * units);
            double[] cell = gpu.readFloats(cells, units);
            double[] h = gpu.readFloats(hidden, units);
            for (int k = 0; k < units; k++) {
                for (int g = 0; g < 4; g++) {
                    int i = g * units + k;
                    if (g == 2) {
                        requireDigits("tanh", z[i], Math.tanh(z[i]), gate[i], 6e-7);
                    } else if (!hard) {
                        requireDigits("sigmoid", z[i], 1 / (1 + Math.exp(-z[i])), gate[i], 2e-6);
                    }
                }
                requireDigits("cell", k, gate[k] * gate[2 * units + k], cell[k], 2e-7);
                requireDigits("h", cell[k], gate[3 * units + k] * Math.tanh(cell[k]), h[k], 8e-7);
            }
        }
    }

    private static void requireDigits(String name, double of, double expected, double actual, double tolerance) {
        assertTrue(Math.abs(actual - expected) <= tolerance * Math.abs(expected),
                () -> name + " of " + of + " is " + actual + ", not " + expected);
    }
}
