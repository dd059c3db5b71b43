package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The kernels that go through whole sequences, in float32 and on tensor cores in bf16, held to loops in double that
 * round where they do, on sizes odd and even, in every order.
 */
@Tag("long")
@EveryOrder
@Needs(Need.GPU)
class SequenceKernelTest {
    /** A pair of kernels, and how they are launched. */
    enum Way {
        /** In float32, a block for one sequence or two. */
        ONE(false, Kernel.LSTM_FUSED_FORWARD, Kernel.LSTM_FUSED_BACKWARD),
        TWO(false, Kernel.LSTM_FUSED_FORWARD, Kernel.LSTM_FUSED_BACKWARD),
        /** In bf16, a block or a cluster for eight sequences. */
        BLOCK(true, Kernel.LSTM_TENSOR_FORWARD, Kernel.LSTM_TENSOR_BACKWARD),
        CLUSTER(true, Kernel.LSTM_CLUSTER_FORWARD, Kernel.LSTM_CLUSTER_BACKWARD),
        CLUSTER4(true, Kernel.LSTM_CLUSTER_FORWARD, Kernel.LSTM_CLUSTER4_BACKWARD),
        CLUSTER8(true, Kernel.LSTM_CLUSTER8_FORWARD, Kernel.LSTM_CLUSTER8_BACKWARD),
        CLUSTER16(true, Kernel.LSTM_CLUSTER16_FORWARD, Kernel.LSTM_CLUSTER16_BACKWARD);

        private final boolean bf16;
        private final Kernel forward;
        private final Kernel backward;
        /** Bytes of h, dL/dh and of each gate. */
        private final long bytes;
        /** Values rounded to bf16 differ by a last bit where float32 and double fall on two sides of a half. */
        private final double tolerance;

        Way(boolean bf16, Kernel forward, Kernel backward) {
            this.bf16 = bf16;
            this.forward = forward;
            this.backward = backward;
            bytes = bf16 ? 2 : 4;
            tolerance = bf16 ? 8e-3 : 2e-6;
        }

        /** The GPU, if its kernels are not empty there. */
        Gpu open() {
            return Gpu.having(blocksOfCluster() > 1 ? 90 : bf16 ? 80 : 75);
        }

        private int blocksOfCluster() {
            return switch (this) {
                case CLUSTER, CLUSTER4 -> 4;
                case CLUSTER8 -> 8;
                case CLUSTER16 -> 16;
                default -> 1;
            };
        }

        DoubleUnaryOperator rounding() {
            return bf16 ? SequenceKernelTest::rounded : x -> x;
        }

        void forward(Gpu gpu, LayerInDouble layer, Object... arguments) {
            launch(gpu, forward, layer, 1 << 10, 8, arguments);
        }

        /** The first cluster also adds up gradients of weights, here of any numbers for h. */
        void backward(Gpu gpu, LayerInDouble layer, Object... arguments) {
            if (this != CLUSTER) {
                launch(gpu, backward, layer, 4 << 10, 16, arguments);
                return;
            }
            int groups = Math.ceilDiv(layer.batch, 8);
            List<Object> all = new ArrayList<>(List.of(arguments));
            all.addAll(7, List.of(arguments[0], 0L, 0L, gpu.fresh(16L * groups * layer.units * layer.units)));
            all.add(0);
            gpu.launch(backward, 4 * groups, 384, 1, all.toArray());
        }

        private void launch(Gpu gpu, Kernel kernel, LayerInDouble layer, int state, int unitsOfWarp,
                Object... arguments) {
            int groups = Math.ceilDiv(layer.batch, 8);
            if (this == BLOCK) {
                gpu.launch(kernel, groups, 32 * Math.ceilDiv(layer.units, unitsOfWarp), 1, arguments);
            } else if (blocksOfCluster() > 1) {
                gpu.launch(kernel, blocksOfCluster() * groups, this == CLUSTER16 ? 256 : 128, 1, arguments);
            } else {
                // The last argument is how many sequences a block has.
                int sequences = this == TWO ? 2 : 1;
                int stored = sequences == 2 ? 9 : layer.units > 96 ? 7 : 0;
                Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
                all[arguments.length] = sequences;
                gpu.kernels().launchShared(kernel, Math.ceilDiv(layer.batch, sequences),
                        32 * Math.ceilDiv(layer.units, 16), sequences * state + (stored << 13), all);
            }
        }

        /** From gate by gate; in bf16 a unit's four lie side by side. */
        double[] inOrder(double[] values, int units) {
            return !bf16 ? values
                    : IntStream.range(0, values.length).mapToDouble(i -> values[i / (4 * units) * 4 * units
                            + i % 4 * units + i % (4 * units) / 4]).toArray();
        }

        /** The layer's input in this order. */
        long input(Gpu gpu, LayerInDouble layer) {
            long given = gpu.floats(layer.input);
            if (!bf16) {
                return given;
            }
            int rows = layer.input.length / (4 * layer.units);
            long input = gpu.fresh(4L * layer.input.length);
            gpu.each(Kernel.INTERLEAVE_GATES, (long) rows * layer.units, given, input, rows, layer.units, 4,
                    0x3210, 0);
            return input;
        }

        /** In bf16 two to an int, in units that rnn_gates.h tells. */
        double[] gates(Gpu gpu, long pointer, int count) {
            if (!bf16) {
                return gpu.readFloats(pointer, count);
            }
            int[] pairs = gpu.readInts(pointer, count / 2);
            return IntStream.range(0, count).mapToDouble(i -> {
                int kept = (pairs[i / 2] >>> (16 * (i % 2))) & 0xffff;
                return i % 4 == 2 ? (kept - 32768) / 16384.0 : kept / 32768.0;
            }).toArray();
        }
    }

    /** To the nearest bf16, ties to even. */
    private static double rounded(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >> 16 & 1) & 0xffff0000);
    }

    private static double[] floats(double[] values) {
        return Arrays.stream(values).map(value -> (float) value).toArray();
    }

    /** Units of one warp and part of one, of registers alone, of all that there is room for; one step, and more. */
    @ParameterizedTest
    @CsvSource({"1,1,1,true,true,false,ONE", "5,3,13,false,false,false,ONE", "4,2,16,true,false,true,ONE",
        "3,5,37,true,true,false,ONE", "14,1,20,false,true,true,ONE", "2,2,96,true,false,false,ONE",
        "2,1,99,false,false,false,ONE", "2,1,113,true,true,true,ONE", "2,1,127,true,false,false,ONE",
        "2,1,128,false,true,false,ONE", "4,4,6,true,true,false,ONE", "3,5,17,false,false,true,ONE",
        "3,6,5,true,false,false,ONE", "3,7,2,true,true,false,ONE", "2,8,7,false,false,false,ONE",
        "3,2,64,true,false,false,ONE", "3,1,65,false,true,true,ONE", "3,1,97,true,true,false,TWO",
        "2,3,128,false,false,false,TWO", "2,4,33,true,false,true,TWO", "5,37,3,true,true,false,TWO"})
    void bothWaysFollowTheFormulas(int steps, int batch, int units, boolean fromIds, boolean fromZeros, boolean hard,
            Way way) {
        followsTheFormulas(way, new LayerInDouble(steps, batch, units, fromIds, fromZeros, hard, way.rounding()),
                fromZeros);
    }

    /** Units of one warp, part of one, and of all; sequences of one block, part of one, and more. */
    @ParameterizedTest
    @CsvSource({"1,1,1,true,true,false", "5,3,13,false,false,false", "4,2,16,true,false,true", "3,9,37,true,true,false",
        "14,1,20,false,true,true", "3,8,64,true,false,false", "2,17,35,false,false,false", "2,5,113,true,true,true",
        "2,2,127,true,false,false", "2,9,128,false,true,false", "4,4,6,true,true,false", "3,6,17,false,false,true",
        "3,7,5,true,false,false", "3,16,2,true,true,false"})
    @Sampled(every = 5)
    void bothWaysFollowTheFormulasOnTensorCores(int steps, int batch, int units, boolean fromIds, boolean fromZeros,
            boolean hard) {
        for (Way way : List.of(Way.BLOCK, Way.CLUSTER)) {
            followsTheFormulas(way, new LayerInDouble(steps, batch, units, fromIds, fromZeros, hard, way.rounding()),
                    fromZeros);
        }
    }

    private static void followsTheFormulas(Way way, LayerInDouble layer, boolean fromZeros) {
        int steps = layer.steps;
        int batch = layer.batch;
        int units = layer.units;
        int step = batch * units;
        int n = steps * step;
        int kind = layer.hard ? 1 : 0;
        try (Gpu gpu = way.open()) {
            long input = way.input(gpu, layer);
            assertArrayEquals(floats(way.inOrder(layer.input, units)), gpu.readFloats(input, layer.input.length));
            long ids = layer.fromIds ? gpu.ints(layer.ids) : 0;
            long recurrent = gpu.floats(layer.recurrent);
            long bias = gpu.floats(layer.bias);
            long firstHidden = fromZeros ? 0 : gpu.numbers(way.bf16, layer.firstHidden);
            long firstCell = fromZeros ? 0 : gpu.floats(layer.firstCell);
            long lastCell = gpu.fresh(4L * step);
            long hidden = gpu.fresh(way.bytes * n);
            way.forward(gpu, layer, input, ids, recurrent, bias, firstHidden, firstCell, 0L, lastCell, hidden, steps,
                    batch, units, kind);
            Agreement.require("h without gates", layer.hidden, gpu.readNumbers(way.bf16, hidden, n), way.tolerance);
            // In float32 the gates may take the place of the input of numbers.
            long gates = layer.fromIds || way.bf16 ? gpu.fresh(4 * way.bytes * n) : input;
            long cells = gpu.fresh(4L * n);
            way.forward(gpu, layer, input, ids, recurrent, bias, firstHidden, firstCell, gates, cells, hidden, steps,
                    batch, units, kind);
            Agreement.require("gates", way.inOrder(layer.gates, units), way.gates(gpu, gates, 4 * n), way.tolerance);
            double[] all = gpu.readFloats(cells, n);
            Agreement.require("cells", layer.cells, all, way.tolerance);
            Agreement.require("h", layer.hidden, gpu.readNumbers(way.bf16, hidden, n), way.tolerance);
            assertArrayEquals(Arrays.copyOfRange(all, n - step, n), gpu.readFloats(lastCell, step));
            double[] dy = Arrays.stream(random(7, n, 1)).map(way.rounding()).toArray();
            long outputGradient = gpu.numbers(way.bf16, dy);
            long sums = gpu.fresh(4 * way.bytes * n);
            long carried = gpu.fresh(4L * step);
            way.backward(gpu, layer, gates, cells, firstCell, recurrent, outputGradient, sums, carried, steps, batch,
                    units, kind, 0);
            double[] whole = gpu.readNumbers(way.bf16, sums, 4 * n);
            Agreement.require("sums' gradients", way.inOrder(layer.backward(dy), units), whole,
                    (way.bf16 ? 2 : 5) * way.tolerance);
            if (steps > 1) {
                // The same in two parts.
                double[] first = gpu.readFloats(carried, step);
                int at = steps / 2;
                long from = (long) at * step;
                long again = gpu.fresh(4 * way.bytes * n);
                way.backward(gpu, layer, gates + 4 * way.bytes * from, cells + 4 * from, cells + 4 * (from - step),
                        recurrent, outputGradient + way.bytes * from, again + 4 * way.bytes * from, carried,
                        steps - at, batch, units, kind, 0);
                way.backward(gpu, layer, gates, cells, firstCell, recurrent, outputGradient, again, carried, at, batch,
                        units, kind, 1);
                assertArrayEquals(whole, gpu.readNumbers(way.bf16, again, 4 * n));
                assertArrayEquals(first, gpu.readFloats(carried, step));
            }
        }
    }

    /** Other clusters: units of all blocks, of some of them, and of one. */
    @ParameterizedTest
    @CsvSource({"CLUSTER16,3,2,9,false,true,false", "CLUSTER8,3,1,129,true,false,true",
        "CLUSTER4,5,3,37,false,true,false", "CLUSTER8,2,1,256,false,true,false", "CLUSTER16,2,9,257,true,true,true",
        "CLUSTER4,3,9,128,true,false,true", "CLUSTER16,2,1,512,false,false,false", "CLUSTER4,3,8,33,false,false,true",
        "CLUSTER8,2,8,255,true,true,false", "CLUSTER8,4,2,37,true,true,true"})
    @Sampled(every = 5)
    void bothWaysFollowTheFormulasInOtherClusters(Way way, int steps, int batch, int units, boolean fromIds,
            boolean fromZeros, boolean hard) {
        followsTheFormulas(way, new LayerInDouble(steps, batch, units, fromIds, fromZeros, hard, way.rounding()),
                fromZeros);
    }

    /**
     * Over the lab's steps, from the last alone, by gates that are nearly 1: what is lost of them adds up. A cluster,
     * which keeps them by the same code, goes over fewer.
     */
    @ParameterizedTest
    @EnumSource(names = {"BLOCK", "CLUSTER"})
    @Sampled(every = 2)
    void whatIsRememberedForLongHasItsGradient(Way way) {
        int steps = way == Way.CLUSTER ? 64 : 173;
        int units = 5;
        LayerInDouble layer = new LayerInDouble(steps, 1, units, false, true, false, way.rounding(), 6);
        int n = steps * units;
        double[] dy = new double[n];
        Arrays.fill(dy, n - units, n, 1);
        try (Gpu gpu = way.open()) {
            long gates = gpu.fresh(8L * n);
            long cells = gpu.fresh(4L * n);
            long recurrent = gpu.floats(layer.recurrent);
            way.forward(gpu, layer, way.input(gpu, layer), 0L, recurrent, gpu.floats(layer.bias), 0L, 0L, gates, cells,
                    gpu.fresh(2L * n), steps, 1, units, 0);
            long sums = gpu.fresh(8L * n);
            way.backward(gpu, layer, gates, cells, 0L, recurrent, gpu.numbers(true, dy), sums, gpu.fresh(4L * units),
                    steps, 1, units, 0, 0);
            double[] expected = way.inOrder(layer.backward(dy), units);
            double[] actual = gpu.readNumbers(true, sums, 4 * n);
            for (int from = 0; from < 4 * n; from += 4 * units) {
                Agreement.require("step " + from / (4 * units), Arrays.copyOfRange(expected, from, from + 4 * units),
                        Arrays.copyOfRange(actual, from, from + 4 * units), 0.03);
            }
        }
    }

    /** In one sequence alone, from the step on where it comes in, and in every unit from the next. */
    @ParameterizedTest
    @EnumSource(names = "CLUSTER16", mode = EnumSource.Mode.EXCLUDE)
    void whatIsNoNumberStaysNone(Way way) {
        for (boolean hard : new boolean[] {false, true}) {
            LayerInDouble layer = new LayerInDouble(3, 2, 3, false, true, hard, way.rounding());
            // The first unit's output gate, of the second sequence's second step.
            layer.input[3 * 12 + 9] = Double.NaN;
            try (Gpu gpu = way.open()) {
                long input = way.input(gpu, layer);
                long hidden = gpu.fresh(18 * way.bytes);
                way.forward(gpu, layer, input, 0L, gpu.floats(layer.recurrent), gpu.floats(layer.bias), 0L, 0L,
                        way.bf16 ? gpu.fresh(8 * 18) : input, gpu.fresh(4 * 18), hidden, 3, 2, 3, hard ? 1 : 0);
                double[] h = gpu.readNumbers(way.bf16, hidden, 18);
                for (int i = 0; i < 18; i++) {
                    assertEquals(i == 9 || i >= 15, Double.isNaN(h[i]), "h " + i + " is " + h[i]);
                }
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
            Way.ONE.forward(gpu, shape, gpu.floats(z), 0L, gpu.floats(new double[4 * units * units]),
                    gpu.floats(new double[4 * units]), 0L, 0L, gates, cells, hidden, 1, 1, units, hard ? 1 : 0);
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
