package org.charlstm.device.gpu;

import static org.charlstm.selftest.TrialMemory.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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

/**
 * The kernels that take GRUs and Elman cells through whole sequences in bf16, held to loops in double that round where
 * they do, on sizes odd and even, in every order.
 */
@Tag("long")
@EveryOrder
@Needs(Need.GPU)
class CellSequenceTest {
    /** Values rounded to bf16 differ by a last bit where float32 and double fall on two sides of a half. */
    private static final double TOLERANCE = 8e-3;

    /** A cell, and a block or a cluster for eight sequences. */
    enum Way {
        GRU_BLOCK(1, Kernel.GRU_TENSOR_FORWARD, Kernel.GRU_TENSOR_BACKWARD),
        GRU_CLUSTER(4, Kernel.GRU_CLUSTER_FORWARD, Kernel.GRU_CLUSTER_BACKWARD),
        GRU_CLUSTER4(4, Kernel.GRU_CLUSTER_FORWARD, Kernel.GRU_CLUSTER4_BACKWARD),
        GRU_CLUSTER16(16, Kernel.GRU_CLUSTER16_FORWARD, Kernel.GRU_CLUSTER16_BACKWARD),
        GRU_CLUSTER8(8, Kernel.GRU_CLUSTER8_FORWARD, Kernel.GRU_CLUSTER8_BACKWARD),
        ELMAN_BLOCK(1, Kernel.ELMAN_TENSOR_FORWARD, Kernel.ELMAN_TENSOR_BACKWARD),
        ELMAN_CLUSTER(4, Kernel.ELMAN_CLUSTER_FORWARD, Kernel.ELMAN_CLUSTER_BACKWARD),
        ELMAN_CLUSTER4(4, Kernel.ELMAN_CLUSTER_FORWARD, Kernel.ELMAN_CLUSTER4_BACKWARD),
        ELMAN_CLUSTER16(16, Kernel.ELMAN_CLUSTER16_FORWARD, Kernel.ELMAN_CLUSTER16_BACKWARD),
        ELMAN_CLUSTER8(8, Kernel.ELMAN_CLUSTER8_FORWARD, Kernel.ELMAN_CLUSTER8_BACKWARD);

        private final int blocks;
        private final Kernel forward;
        private final Kernel backward;

        Way(int blocks, Kernel forward, Kernel backward) {
            this.blocks = blocks;
            this.forward = forward;
            this.backward = backward;
        }

        boolean gru() {
            return forward.name().startsWith("GRU");
        }

        private boolean cluster() {
            return blocks > 1;
        }

        /** Whether it adds up weights' gradients as well. */
        private boolean addsUp() {
            return this == GRU_CLUSTER || this == ELMAN_CLUSTER;
        }

        Gpu open() {
            return Gpu.having(cluster() ? 90 : 80);
        }

        private void launch(Gpu gpu, Kernel kernel, CellInDouble layer, int unitsOfWarp, List<Object> arguments) {
            int groups = Math.ceilDiv(layer.batch, 8);
            gpu.launch(kernel, blocks * groups,
                    cluster() ? addsUp() && kernel == backward ? 384 : blocks > 8 ? 256 : 128
                            : 32 * Math.ceilDiv(layer.units, unitsOfWarp),
                    1,
                    arguments.toArray());
        }
    }

    /** A layer's tensors on the GPU, and what its kernels write there. */
    private static final class OnGpu {
        final Way way;
        final Gpu gpu;
        final CellInDouble layer;
        final int n;
        final int step;
        final long input;
        final long ids;
        final long recurrent;
        final long bias;
        final long first;
        final long kept;
        final long exact;
        final long hidden;

        OnGpu(Way way, Gpu gpu, CellInDouble layer, boolean fromIds, boolean fromZeros) {
            this.way = way;
            this.gpu = gpu;
            this.layer = layer;
            step = layer.batch * layer.units;
            n = layer.steps * step;
            long given = gpu.floats(layer.input);
            if (way.gru()) {
                int rows = layer.input.length / (3 * layer.units);
                input = gpu.fresh(16L * rows * layer.units);
                gpu.each(Kernel.INTERLEAVE_GATES, (long) rows * layer.units, given, input, rows, layer.units, 3, 0x2f10,
                        0);
                double[] expected = IntStream.range(0, 4 * rows * layer.units).mapToDouble(i -> i % 4 == 2 ? 0
                        : (float) layer.input[(i / 4 / layer.units * 3 + Math.min(i % 4, 2)) * layer.units
                                + i / 4 % layer.units])
                        .toArray();
                assertArrayEquals(expected, gpu.readFloats(input, expected.length));
            } else {
                input = given;
            }
            ids = fromIds ? gpu.ints(layer.ids) : 0;
            recurrent = gpu.floats(layer.recurrent);
            bias = gpu.floats(layer.bias);
            first = fromZeros ? 0 : gpu.numbers(true, layer.firstHidden);
            kept = gpu.fresh(8L * n);
            exact = gpu.fresh(4L * step);
            hidden = gpu.fresh(2L * n);
        }

        /** Some steps; h in float32 goes from one part to the next. */
        void forward(int from, int to, boolean keeps) {
            int before = from * step;
            int inputRow = 4 * (way.gru() ? 4 : 1);
            List<Object> arguments = new ArrayList<>(List.of(ids == 0 ? input + (long) inputRow * before : input,
                    ids == 0 ? 0L : ids + 4L * from * layer.batch, recurrent, bias,
                    from == 0 ? first : hidden + 2L * (before - step)));
            if (way.gru()) {
                arguments.addAll(List.of(from == 0 ? 0L : exact, keeps ? kept + 8L * before : 0L, exact));
            }
            Collections.addAll(arguments, hidden + 2L * before, to - from, layer.batch, layer.units,
                    layer.hard || way.gru() ? layer.hard ? 1 : 0 : 2);
            way.launch(gpu, way.forward, layer, 8, arguments);
        }

        /** Goes back from one step to before another, after which others follow or not. */
        void backward(long dy, long sums, long carried, int from, int to) {
            int at = from * step;
            List<Object> arguments = new ArrayList<>();
            if (way.gru()) {
                arguments.add(kept + 8L * at);
            }
            arguments.add(hidden + 2L * at);
            if (way.gru()) {
                arguments.add(from == 0 ? first : hidden + 2L * (at - step));
            }
            Collections.addAll(arguments, recurrent, dy + 2L * at, sums + 2L * layer.slots * at);
            if (way.gru()) {
                arguments.add(carried);
            }
            if (way.addsUp()) {
                // Its sums for the weights.
                Collections.addAll(arguments, way.gru() ? new Object[] {0L} : new Object[] {first, 0L});
                arguments.add(gpu.fresh(4L * Math.ceilDiv(layer.batch, 8) * layer.units * layer.units * layer.slots));
            }
            Collections.addAll(arguments, to - from, layer.batch, layer.units,
                    layer.hard || way.gru() ? layer.hard ? 1 : 0 : 2, to < layer.steps ? 1 : 0);
            if (way.addsUp()) {
                arguments.add(0);
            }
            way.launch(gpu, way.backward, layer, 16, arguments);
        }

        double[] hidden() {
            return gpu.readNumbers(true, hidden, n);
        }

        /** Two to an int, in units that rnn_gates.h tells; the last of four is bf16. */
        double[] kept() {
            int[] pairs = gpu.readInts(kept, 2 * n);
            return IntStream.range(0, 4 * n).mapToDouble(i -> {
                int bits = (pairs[i / 2] >>> (16 * (i % 2))) & 0xffff;
                return i % 4 == 3 ? Float.intBitsToFloat(bits << 16)
                        : i % 4 == 2 ? (bits - 32768) / 16384.0 : bits / 32768.0;
            }).toArray();
        }
    }

    /** To the nearest bf16, ties to even. */
    private static double rounded(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        return Float.intBitsToFloat(bits + 0x7fff + (bits >> 16 & 1) & 0xffff0000);
    }

    /** Units of one warp, part of one, and of all; sequences of one block, part of one, and more. */
    @ParameterizedTest
    @CsvSource({"1,1,1,true,true,false", "5,3,13,false,false,false", "4,2,16,true,false,true", "3,9,37,true,true,false",
        "19,1,20,false,true,true", "3,8,64,true,false,false", "2,17,35,false,false,false", "2,5,103,true,true,true",
        "2,2,127,true,false,false", "2,9,128,false,true,false", "4,4,6,true,true,false", "3,6,17,false,false,true",
        "3,7,3,true,false,false", "3,16,2,true,true,false"})
    @Sampled(every = 5)
    void bothWaysFollowTheFormulas(int steps, int batch, int units, boolean fromIds, boolean fromZeros, boolean hard) {
        followTheFormulas(way -> way.blocks == 1 || way.addsUp(), steps, batch, units, fromIds, fromZeros, hard);
    }

    /** Other clusters: units of all blocks, of some of them, and of one. */
    @ParameterizedTest
    @CsvSource({"16,2,2,9,false,true,false", "8,3,1,129,true,false,true", "4,5,3,13,false,false,false",
        "8,2,1,256,false,true,false", "16,2,9,257,true,true,true", "4,3,9,128,true,true,true",
        "16,2,1,512,false,false,false", "4,3,8,33,false,false,true", "8,2,8,255,true,true,false",
        "8,4,2,37,true,true,true"})
    @Sampled(every = 5)
    void bothWaysFollowTheFormulasInOtherClusters(int blocks, int steps, int batch, int units, boolean fromIds,
            boolean fromZeros, boolean hard) {
        followTheFormulas(way -> way.blocks == blocks && !way.addsUp(), steps, batch, units, fromIds, fromZeros, hard);
    }

    private static void followTheFormulas(Predicate<Way> which, int steps, int batch, int units, boolean fromIds,
            boolean fromZeros, boolean hard) {
        for (Way way : Stream.of(Way.values()).filter(which).toList()) {
            CellInDouble layer = new CellInDouble(way.gru(), steps, batch, units, fromIds, fromZeros, hard,
                    CellSequenceTest::rounded);
            try (Gpu gpu = way.open()) {
                followsTheFormulas(new OnGpu(way, gpu, layer, fromIds, fromZeros));
            }
        }
    }

    private static void followsTheFormulas(OnGpu on) {
        CellInDouble layer = on.layer;
        String title = on.way + "'s ";
        on.forward(0, layer.steps, false);
        double[] without = on.hidden();
        on.forward(0, layer.steps, true);
        double[] hidden = on.hidden();
        Agreement.require(title + "h", layer.hidden, hidden, TOLERANCE);
        assertArrayEquals(hidden, without);
        if (on.way.gru()) {
            Agreement.require(title + "gates", layer.kept, on.kept(), TOLERANCE);
            Agreement.require(title + "last h", Arrays.copyOfRange(layer.exact, on.n - on.step, on.n),
                    on.gpu.readFloats(on.exact, on.step), TOLERANCE);
        }
        int middle = layer.steps / 2;
        if (middle > 0) {
            double[] last = on.way.gru() ? on.gpu.readFloats(on.exact, on.step) : hidden;
            on.forward(0, middle, true);
            on.forward(middle, layer.steps, true);
            assertArrayEquals(hidden, on.hidden());
            assertArrayEquals(last, on.way.gru() ? on.gpu.readFloats(on.exact, on.step) : hidden);
        }
        double[] dy = Arrays.stream(random(7, on.n, 1)).map(CellSequenceTest::rounded).toArray();
        long given = on.gpu.numbers(true, dy);
        long sums = on.gpu.fresh(2L * layer.slots * on.n);
        long carried = on.gpu.fresh(4L * on.step);
        on.backward(given, sums, carried, 0, layer.steps);
        double[] whole = on.gpu.readNumbers(true, sums, layer.slots * on.n);
        Agreement.require(title + "sums' gradients", layer.backward(dy), whole, 2 * TOLERANCE);
        double[] back = on.way.gru() ? on.gpu.readFloats(carried, on.step) : whole;
        if (on.way.gru()) {
            Agreement.require(title + "first h's gradient", layer.carried, back, 2 * TOLERANCE);
        }
        if (middle > 0) {
            long again = on.gpu.fresh(2L * layer.slots * on.n);
            on.backward(given, again, carried, middle, layer.steps);
            on.backward(given, again, carried, 0, middle);
            assertArrayEquals(whole, on.gpu.readNumbers(true, again, layer.slots * on.n));
            assertArrayEquals(back, on.way.gru() ? on.gpu.readFloats(carried, on.step) : whole);
        }
    }

    /** In one sequence alone, from the step on where it comes in, and in every unit from the next. */
    @ParameterizedTest
    @EnumSource(names = {"GRU_CLUSTER16", "ELMAN_CLUSTER16"}, mode = EnumSource.Mode.EXCLUDE)
    void whatIsNoNumberStaysNone(Way way) {
        for (boolean hard : new boolean[] {false, true}) {
            CellInDouble layer = new CellInDouble(way.gru(), 3, 2, 3, false, true, hard, CellSequenceTest::rounded);
            // The first unit's first gate, of the second sequence's second step.
            layer.input[3 * 3 * layer.gates] = Double.NaN;
            try (Gpu gpu = way.open()) {
                OnGpu on = new OnGpu(way, gpu, layer, false, true);
                on.forward(0, 3, true);
                double[] h = on.hidden();
                for (int i = 0; i < 18; i++) {
                    assertEquals(i == 9 || i >= 15, Double.isNaN(h[i]), "h " + i + " is " + h[i]);
                }
            }
        }
    }
}
