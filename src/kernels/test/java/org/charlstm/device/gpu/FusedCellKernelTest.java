package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.charlstm.Agreement;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernels that go through whole sequences of a GRU or a plain layer in float32, held to loops in double, on sizes
 * odd and even, in every order.
 */
@Tag("long")
@EveryOrder
@Needs(Need.GPU)
class FusedCellKernelTest {
    private static final double TOLERANCE = 2e-6;

    /** Launches a kernel, a block a sequence, with as many threads and as much shared memory as its header says. */
    private static void launch(Gpu gpu, Kernel kernel, CellInDouble layer, int shared, Object... arguments) {
        gpu.kernels().launchShared(kernel, layer.batch, 32 * Math.ceilDiv(layer.units, 16), shared, arguments);
    }

    private static int kind(CellInDouble layer) {
        return layer.hard ? 1 : layer.gru ? 0 : 2;
    }

    /** Gate by gate, of numbers of a unit that lie side by side some of them. */
    private static double[] picked(CellInDouble layer, double[] values, int slots, int... from) {
        double[] picked = new double[layer.hidden.length * from.length];
        for (int i = 0; i < picked.length; i++) {
            int width = from.length * layer.units;
            int unit = i / width * layer.units + i % layer.units;
            picked[i] = values[unit * slots + from[i % width / layer.units]];
        }
        return picked;
    }

    private static void forward(Gpu gpu, CellInDouble layer, long input, long gates, long scaled,
            long hidden, long firstHidden, boolean fromIds) {
        long ids = fromIds ? gpu.ints(layer.ids) : 0;
        long recurrent = gpu.floats(layer.recurrent);
        long bias = gpu.floats(layer.bias);
        if (layer.gru) {
            launch(gpu, Kernel.GRU_FUSED_FORWARD, layer, 1 << 10, input, ids, recurrent, bias, firstHidden,
                    gates, scaled, hidden, layer.steps, layer.batch, layer.units, kind(layer));
        } else {
            launch(gpu, Kernel.ELMAN_FUSED_FORWARD, layer, 1 << 10, input, ids, recurrent, bias, firstHidden,
                    hidden, layer.steps, layer.batch, layer.units, kind(layer));
        }
    }

    /** Values of the gates, of what r scales and of h; gradients of both kinds of sums, and what goes beside them. */
    private record Buffers(long gates, long scaled, long hidden, long firstHidden, long recurrent, long dy,
            long ofInput, long ofRecurrent, long carried) {
        /** Goes back from step {@code to} to {@code from}; gradients of later steps may follow. */
        void backward(Gpu gpu, CellInDouble layer, int from, int to) {
            long n = 4L * from * layer.batch * layer.units;
            int follows = to < layer.steps ? 1 : 0;
            if (layer.gru) {
                long before = from == 0 ? firstHidden : hidden + n - 4L * layer.batch * layer.units;
                launch(gpu, Kernel.GRU_FUSED_BACKWARD, layer, 4 << 10, gates + 3 * n, scaled + n,
                        hidden + n, before, recurrent, dy + n, ofInput + 3 * n, ofRecurrent + 3 * n, carried,
                        to - from, layer.batch, layer.units, kind(layer), follows);
            } else {
                launch(gpu, Kernel.ELMAN_FUSED_BACKWARD, layer, 1 << 10, hidden + n, recurrent, dy + n,
                        ofInput + n, to - from, layer.batch, layer.units, kind(layer), follows);
            }
        }
    }

    /** Units of one warp and part of one, of registers alone, of all that there is room for; one step, and more. */
    @ParameterizedTest
    @CsvSource({"true,1,1,1,true,true,false", "true,5,3,13,false,false,false", "true,4,2,16,true,false,true",
        "true,3,5,37,true,true,false", "true,14,1,20,false,true,true", "true,2,2,96,true,false,false",
        "true,2,1,99,false,false,true", "true,3,1,103,true,true,true", "true,2,1,127,true,false,false",
        "true,2,1,128,false,true,false", "true,4,9,6,true,true,false", "true,3,5,17,false,false,true",
        "true,19,7,2,true,true,false", "true,3,2,64,true,false,false", "true,3,1,65,false,true,true",
        "true,3,1,97,true,true,false", "true,2,3,128,false,false,false", "true,2,4,33,true,false,true",
        "true,5,37,3,true,true,false", "true,2,128,3,false,false,true", "false,1,1,1,true,true,false",
        "false,5,3,13,false,false,true", "false,4,2,16,true,false,true", "false,3,5,37,true,true,false",
        "false,14,1,20,false,true,true", "false,2,2,96,true,false,false", "false,3,1,103,false,false,true",
        "false,2,1,127,true,true,true", "false,2,3,128,false,false,false", "false,19,9,7,true,false,false",
        "false,3,2,64,false,true,false", "false,3,1,65,true,false,true", "false,2,128,3,true,false,false"})
    void bothWaysFollowTheFormulas(boolean gru, int steps, int batch, int units, boolean fromIds,
            boolean fromZeros, boolean hard) {
        CellInDouble layer = new CellInDouble(gru, steps, batch, units, fromIds, fromZeros, hard, x -> x);
        int n = steps * batch * units;
        int count = layer.gates;
        try (Gpu gpu = Gpu.open()) {
            long input = gpu.floats(layer.input);
            long firstHidden = fromZeros ? 0 : gpu.floats(layer.firstHidden);
            long hidden = gpu.fresh(4L * n);
            forward(gpu, layer, input, 0, 0, hidden, firstHidden, fromIds);
            Agreement.require("h without gates", layer.hidden, gpu.readFloats(hidden, n), TOLERANCE);
            // The gates may take the place of the input of numbers, and h that of a plain layer's.
            long again = fromIds || gru ? gpu.fresh(4L * n) : input;
            long gates = fromIds ? gpu.fresh(12L * n) : input;
            long scaled = gpu.fresh(4L * n);
            forward(gpu, layer, input, gates, scaled, again, firstHidden, fromIds);
            assertArrayEquals(gpu.readFloats(hidden, n), gpu.readFloats(again, n));
            if (gru) {
                Agreement.require("gates", picked(layer, layer.kept, 4, 0, 1, 2), gpu.readFloats(gates, 3 * n),
                        TOLERANCE);
                Agreement.require("scaled", picked(layer, layer.kept, 4, 3), gpu.readFloats(scaled, n), TOLERANCE);
            }
            double[] dy = random(7, n, 1);
            Buffers whole = new Buffers(gates, scaled, again, firstHidden, gpu.floats(layer.recurrent),
                    gpu.floats(dy), gpu.fresh(4L * count * n), gru ? gpu.fresh(12L * n) : 0,
                    gpu.fresh(4L * batch * units));
            whole.backward(gpu, layer, 0, steps);
            double[] expected = layer.backward(dy);
            double[] ofInput = gpu.readFloats(whole.ofInput, count * n);
            Agreement.require("input's gradients",
                    gru ? picked(layer, expected, 4, 0, 1, 3) : expected, ofInput, 5 * TOLERANCE);
            if (gru) {
                Agreement.require("recurrent sums' gradients", picked(layer, expected, 4, 0, 1, 2),
                        gpu.readFloats(whole.ofRecurrent, 3 * n),
                        5 * TOLERANCE);
                Agreement.require("passed on", layer.carried, gpu.readFloats(whole.carried, batch * units),
                        5 * TOLERANCE);
            }
            if (steps > 1) {
                Buffers parts = new Buffers(gates, scaled, again, firstHidden, whole.recurrent, whole.dy,
                        gpu.fresh(4L * count * n), gru ? gpu.fresh(12L * n) : 0, gpu.fresh(4L * batch * units));
                parts.backward(gpu, layer, steps / 2, steps);
                parts.backward(gpu, layer, 0, steps / 2);
                assertArrayEquals(ofInput, gpu.readFloats(parts.ofInput, count * n));
                if (gru) {
                    assertArrayEquals(gpu.readFloats(whole.ofRecurrent, 3 * n),
                            gpu.readFloats(parts.ofRecurrent, 3 * n));
                    assertArrayEquals(gpu.readFloats(whole.carried, batch * units),
                            gpu.readFloats(parts.carried, batch * units));
                }
            }
        }
    }

    /** In one sequence alone, from the step on where it comes in, and in every unit from the next. */
    @ParameterizedTest
    @CsvSource({"true,false", "true,true", "false,false", "false,true"})
    void whatIsNoNumberStaysNone(boolean gru, boolean hard) {
        CellInDouble layer = new CellInDouble(gru, 3, 2, 3, false, true, hard, x -> x);
        // The first unit's last gate, of the second sequence's second step.
        layer.input[3 * 3 * layer.gates + 3 * (layer.gates - 1)] = Double.NaN;
        try (Gpu gpu = Gpu.open()) {
            long hidden = gpu.fresh(4 * 18);
            forward(gpu, layer, gpu.floats(layer.input), 0, 0, hidden, 0, false);
            double[] h = gpu.readFloats(hidden, 18);
            for (int i = 0; i < 18; i++) {
                assertEquals(i == 9 || i >= 15, Double.isNaN(h[i]), "h " + i + " is " + h[i]);
            }
        }
    }

    /** From sums of any size, down to those of which only a relative error is small; u_h is 2. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void gatesAreExactWhateverTheirSize(boolean hard) {
        int units = 128;
        CellInDouble shape = new CellInDouble(true, 1, 1, units, false, true, hard, x -> x);
        Arrays.fill(shape.recurrent, 0);
        Arrays.fill(shape.bias, 0);
        Arrays.fill(shape.bias, 5 * units, 6 * units, 2);
        for (int i = 0; i < 3 * units; i++) {
            shape.input[i] = (float) ((i % 2 == 0 ? 1 : -1) * Math.pow(10, -6 + 7.3 * (i % units) / units));
        }
        try (Gpu gpu = Gpu.open()) {
            long gates = gpu.fresh(12L * units);
            long hidden = gpu.fresh(4L * units);
            forward(gpu, shape, gpu.floats(shape.input), gates, gpu.fresh(4L * units), hidden, 0, false);
            double[] gate = gpu.readFloats(gates, 3 * units);
            double[] h = gpu.readFloats(hidden, units);
            for (int k = 0; k < units; k++) {
                double candidate = (float) (shape.input[2 * units + k] + 2 * gate[units + k]);
                requireDigits("tanh", candidate, Math.tanh(candidate), gate[2 * units + k], 6e-7);
                for (int g = 0; g < 2 && !hard; g++) {
                    double z = shape.input[g * units + k];
                    requireDigits("sigmoid", z, 1 / (1 + Math.exp(-z)), gate[g * units + k], 2e-6);
                }
                requireDigits("h", k, (1 - gate[k]) * gate[2 * units + k], h[k], 8e-7);
            }
        }
    }

    private static void requireDigits(String name, double of, double expected, double actual, double tolerance) {
        assertTrue(Math.abs(actual - expected) <= tolerance * Math.abs(expected),
                () -> name + " of " + of + " is " + actual + ", not " + expected);
    }
}
