package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.charlstm.Agreement;
import org.charlstm.cuda.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernels that go through whole sequences on tensor cores, held to loops in double that round where they do. */
@EveryOrder
@Needs(Need.GPU)
class TensorKernelTest {
    /** What is rounded differs by one of its last bits where float32 and double fall on two sides of a half. */
    private static final double TOLERANCE = 8e-3;

    /** To the nearest bf16, ties to even. */
    private static double rounded(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >> 16 & 1) & 0xffff0000);
    }

    /** A unit's four side by side, from gate by gate. */
    private static double[] interleaved(double[] values, int units) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i / (4 * units) * 4 * units
                + i % 4 * units + i % (4 * units) / 4]).toArray();
    }

    /** Who goes through a sequence: a block, or a cluster of them. */
    enum Who {
        BLOCK(Kernel.LSTM_TENSOR_FORWARD, Kernel.LSTM_TENSOR_BACKWARD),
        CLUSTER(Kernel.LSTM_CLUSTER_FORWARD, Kernel.LSTM_CLUSTER_BACKWARD);

        private final Kernel forward;
        private final Kernel backward;

        Who(Kernel forward, Kernel backward) {
            this.forward = forward;
            this.backward = backward;
        }

        void forward(Gpu gpu, LayerInDouble layer, Object... arguments) {
            launch(gpu, forward, 8, layer, arguments);
        }

        void backward(Gpu gpu, LayerInDouble layer, Object... arguments) {
            launch(gpu, backward, 16, layer, arguments);
        }

        private void launch(Gpu gpu, Kernel kernel, int unitsOfWarp, LayerInDouble layer, Object... arguments) {
            int groups = Math.ceilDiv(layer.batch, 8);
            if (this == BLOCK) {
                gpu.launch(kernel, groups, 32 * Math.ceilDiv(layer.units, unitsOfWarp), 1, arguments);
            } else {
                gpu.launch(kernel, 4 * groups, 128, 1, arguments);
            }
        }
    }

    /** Units of one warp, part of one, and of all; sequences of one block, part of one, and more. */
    @ParameterizedTest
    @CsvSource({"1,1,1,true,true,false", "5,3,13,false,false,false", "9,2,16,true,false,true", "4,9,37,true,true,false",
        "40,1,20,false,true,true", "3,8,64,true,false,false", "3,17,35,false,false,false", "4,5,113,true,true,true",
        "3,2,127,true,false,false", "2,11,128,false,true,false", "7,4,6,true,true,false", "6,6,17,false,false,true",
        "8,7,5,true,false,false", "3,16,2,true,true,false"})
    void bothWaysFollowTheFormulas(int steps, int batch, int units, boolean fromIds, boolean fromZeros,
            boolean hard) {
        for (Who who : Who.values()) {
            bothWaysFollowTheFormulas(who, steps, batch, units, fromIds, fromZeros, hard);
        }
    }

    private static void bothWaysFollowTheFormulas(Who who, int steps, int batch, int units, boolean fromIds,
            boolean fromZeros, boolean hard) {
        LayerInDouble layer = new LayerInDouble(steps, batch, units, fromIds, fromZeros, hard,
                TensorKernelTest::rounded);
        int n = steps * batch * units;
        int kind = hard ? 1 : 0;
        try (Gpu gpu = Gpu.open()) {
            int rows = layer.input.length / (4 * units);
            long input = gpu.fresh(4L * layer.input.length);
            gpu.each(Kernel.INTERLEAVE_GATES, (long) rows * units, gpu.floats(layer.input), input, rows, units, 0);
            assertArrayEquals(floats(interleaved(layer.input, units)), gpu.readFloats(input, layer.input.length));
            long ids = fromIds ? gpu.ints(layer.ids) : 0;
            long recurrent = gpu.floats(layer.recurrent);
            long bias = gpu.floats(layer.bias);
            long firstHidden = fromZeros ? 0 : gpu.numbers(true, layer.firstHidden);
            long firstCell = fromZeros ? 0 : gpu.floats(layer.firstCell);
            long lastCell = gpu.fresh(4L * batch * units);
            long hidden = gpu.fresh(2L * n);
            who.forward(gpu, layer, input, ids, recurrent, bias, firstHidden, firstCell, 0L,
                    lastCell, hidden, steps, batch, units, kind);
            Agreement.require("h without gates", layer.hidden, gpu.readNumbers(true, hidden, n), TOLERANCE);
            long gates = gpu.fresh(8L * n);
            long cells = gpu.fresh(4L * n);
            who.forward(gpu, layer, input, ids, recurrent, bias, firstHidden, firstCell, gates,
                    cells, hidden, steps, batch, units, kind);
            Agreement.require("gates", interleaved(layer.gates, units), gates(gpu, gates, 4 * n), TOLERANCE);
            double[] all = gpu.readFloats(cells, n);
            Agreement.require("cells", layer.cells, all, TOLERANCE);
            Agreement.require("h", layer.hidden, gpu.readNumbers(true, hidden, n), TOLERANCE);
            assertArrayEquals(Arrays.copyOfRange(all, n - batch * units, n), gpu.readFloats(lastCell, batch * units));
            double[] dy = Arrays.stream(random(7, n, 1)).map(TensorKernelTest::rounded).toArray();
            long outputGradient = gpu.numbers(true, dy);
            long sums = gpu.fresh(8L * n);
            long carried = gpu.fresh(4L * batch * units);
            who.backward(gpu, layer, gates, cells, firstCell, recurrent, outputGradient, sums,
                    carried, steps, batch, units, kind, 0);
            double[] whole = gpu.readNumbers(true, sums, 4 * n);
            Agreement.require("sums' gradients", interleaved(layer.backward(dy), units), whole, 2 * TOLERANCE);
            if (steps > 1) {
                inTwoParts(who, gpu, layer, kind, gates, cells, firstCell, recurrent, outputGradient, whole,
                        gpu.readFloats(carried, batch * units));
            }
        }
    }

    private static void inTwoParts(Who who, Gpu gpu, LayerInDouble layer, int kind, long gates, long cells,
            long firstCell,
            long recurrent, long outputGradient, double[] whole, double[] first) {
        int at = layer.steps / 2;
        int step = layer.batch * layer.units;
        long from = (long) at * step;
        long sums = gpu.fresh(2L * whole.length);
        long carried = gpu.fresh(4L * step);
        who.backward(gpu, layer, gates + 8 * from, cells + 4 * from, cells + 4 * (from - step),
                recurrent, outputGradient + 2 * from, sums + 8 * from, carried, layer.steps - at, layer.batch,
                layer.units, kind, 0);
        who.backward(gpu, layer, gates, cells, firstCell, recurrent, outputGradient, sums,
                carried, at, layer.batch, layer.units, kind, 1);
        assertArrayEquals(whole, gpu.readNumbers(true, sums, whole.length));
        assertArrayEquals(first, gpu.readFloats(carried, step));
    }

    /** Over the lab's steps, from the last alone, by gates that are nearly 1: what is lost of them adds up. */
    @ParameterizedTest
    @EnumSource
    void whatIsRememberedForLongHasItsGradient(Who who) {
        int steps = 173;
        int units = 5;
        LayerInDouble layer = new LayerInDouble(steps, 1, units, false, true, false, TensorKernelTest::rounded, 6);
        int n = steps * units;
        double[] dy = new double[n];
        Arrays.fill(dy, n - units, n, 1);
        try (Gpu gpu = Gpu.open()) {
            long gates = gpu.fresh(8L * n);
            long cells = gpu.fresh(4L * n);
            long recurrent = gpu.floats(layer.recurrent);
            who.forward(gpu, layer, gpu.floats(interleaved(layer.input, units)), 0L, recurrent,
                    gpu.floats(layer.bias), 0L, 0L, gates, cells, gpu.fresh(2L * n), steps, 1, units, 0);
            long sums = gpu.fresh(8L * n);
            who.backward(gpu, layer, gates, cells, 0L, recurrent, gpu.numbers(true, dy), sums,
                    gpu.fresh(4L * units), steps, 1, units, 0, 0);
            double[] expected = interleaved(layer.backward(dy), units);
            double[] actual = gpu.readNumbers(true, sums, 4 * n);
            for (int from = 0; from < 4 * n; from += 4 * units) {
                Agreement.require("step " + from / (4 * units), Arrays.copyOfRange(expected, from, from + 4 * units),
                        Arrays.copyOfRange(actual, from, from + 4 * units), 0.03);
            }
        }
    }

    /** Two to an int, in units that lstm_tensor.h tells. */
    private static double[] gates(Gpu gpu, long pointer, int count) {
        int[] pairs = gpu.readInts(pointer, count / 2);
        return IntStream.range(0, count).mapToDouble(i -> {
            int kept = (pairs[i / 2] >>> (16 * (i % 2))) & 0xffff;
            return i % 4 == 2 ? (kept - 32768) / 16384.0 : kept / 32768.0;
        }).toArray();
    }

    private static double[] floats(double[] values) {
        return Arrays.stream(values).map(value -> (float) value).toArray();
    }

    /** In one sequence alone, from the step on where it comes in, and in every unit from the next. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsNoNumberStaysNone(boolean hard) {
        LayerInDouble layer = new LayerInDouble(3, 2, 3, false, true, hard, TensorKernelTest::rounded);
        // The first unit's output gate, of the second sequence's second step.
        layer.input[3 * 12 + 9] = Double.NaN;
        for (Who who : Who.values()) {
            noneStaysNone(who, layer, hard);
        }
    }

    private static void noneStaysNone(Who who, LayerInDouble layer, boolean hard) {
        try (Gpu gpu = Gpu.open()) {
            long hidden = gpu.fresh(2 * 18);
            who.forward(gpu, layer, gpu.floats(interleaved(layer.input, 3)), 0L,
                    gpu.floats(layer.recurrent), gpu.floats(layer.bias), 0L, 0L, gpu.fresh(8 * 18),
                    gpu.fresh(4 * 18), hidden, 3, 2, 3, hard ? 1 : 0);
            double[] h = gpu.readNumbers(true, hidden, 18);
            for (int i = 0; i < 18; i++) {
                boolean none = i == 9 || i >= 15;
                assertTrue(Double.isNaN(h[i]) == none, "h " + i + " is " + h[i]);
            }
        }
    }
}
