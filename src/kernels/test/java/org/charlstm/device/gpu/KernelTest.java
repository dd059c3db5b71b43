package org.charlstm.device.gpu;

import static org.charlstm.Refusals.assertRefused;
import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.cuda.CudaType;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.Rnn;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.device.gpu.tools.BiasGradient;
import org.charlstm.device.gpu.tools.EmbeddingGradient;
import org.charlstm.device.gpu.tools.GateInterleaving;
import org.charlstm.device.gpu.tools.GpuMemory;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel on the simulated GPU, held to the oracle on odd sizes and round ones. */
@EveryOrder
@Needs(Need.GPU)
class KernelTest {
    private static final double TOLERANCE = 1e-6;
    private static final double BF16_TOLERANCE = 0x1p-7;

    /** Of 7 bits, which bf16 can hold. */
    private static double[] sixtyFourths(int seed, int count) {
        return Arrays.stream(random(seed, count, 1)).map(value -> Math.rint(value * 64) / 64).toArray();
    }

    @ParameterizedTest
    @CsvSource({"1,1,1,0,1,false", "3,3,3,2,1,true", "37,9,4,0,5,false", "129,3,3,1,37,true", "64,17,16,15,32,true"})
    void gatherAndAdd(int rows, int width, int steps, int first, int batch, boolean leftOut) {
        int n = Math.max(rows, 2 * batch);
        // Few symbols: many steps follow the highest, the end, and are padding.
        int[] corpus = randomIds(1, n * (width + 1), 5);
        int[] order = randomIds(2, n, n);
        int[] inputs = new int[steps * batch];
        int[] targets = new int[(steps - first) * batch];
        for (int i = 0; i < steps * batch; i++) {
            int at = order[batch + i % batch] * (width + 1) + i / batch;
            inputs[i] = corpus[at];
            if (i >= first * batch) {
                targets[i - first * batch] = corpus[at] < 4 ? corpus[at + 1] : leftOut ? -1 : -2 - corpus[at + 1];
            }
        }
        try (Gpu gpu = Gpu.open()) {
            long cursor = gpu.ints(0);
            long gotInputs = gpu.fresh(4L * steps * batch);
            long gotTargets = gpu.fresh(4L * targets.length);
            gpu.each(Kernel.ADD, 1, cursor, batch, 1);
            gpu.each(Kernel.GATHER, (long) steps * batch, gpu.ints(corpus), gpu.ints(order), cursor, gotInputs,
                    gotTargets, width + 1, steps, first, batch, 4, leftOut ? 1 : 0);
            assertArrayEquals(inputs, gpu.readInts(gotInputs, steps * batch));
            assertArrayEquals(targets, gpu.readInts(gotTargets, targets.length));
        }
    }

    /**
     * With rows that begin where 16 bytes do not, slices of several bands of rows, of one and of none, which takes so
     * many elements that one activation has to do, and blocks abreast.
     */
    @ParameterizedTest
    @CsvSource({"1,1,false", "3,37,false", "37,3,true", "129,129,false", "64,128,true", "22,38,false", "9,38,true",
        "5,301,true", "1027,129,false", "5,256,false", "515,257,false", "7,512,true"})
    void biasAndActivation(int rows, int columns, boolean bf16) {
        double[] z = sixtyFourths(1, rows * columns);
        double[] bias = random(2, columns, 1);
        double[] dy = sixtyFourths(3, rows * columns);
        double tolerance = bf16 ? BF16_TOLERANCE : TOLERANCE;
        List<Activation> activations = rows * columns > 100_000 ? List.of(Activation.TANH)
                : List.of(Activation.values());
        for (Activation activation : activations) {
            double[] expected = new double[z.length];
            double[] before = new double[z.length];
            double[] sums = new double[columns];
            for (int i = 0; i < z.length; i++) {
                double sum = z[i] + bias[i % columns];
                expected[i] = switch (activation) {
                    case LINEAR -> sum;
                    case RELU -> Math.max(0, sum);
                    case TANH -> Math.tanh(sum);
                };
                before[i] = dy[i] * switch (activation) {
                    case LINEAR -> 1;
                    case RELU -> sum > 0 ? 1 : 0;
                    case TANH -> 1 - Math.tanh(sum) * Math.tanh(sum);
                };
                sums[i % columns] += before[i];
            }
            try (Gpu gpu = Gpu.open(); GpuMemory memory = new GpuMemory(gpu.context(), CudaType.FLOAT32)) {
                long y = gpu.numbers(bf16, z);
                long gradient = gpu.numbers(bf16, dy);
                long biasGradient = gpu.fresh(4L * columns);
                gpu.each(Kernel.BIAS_FORWARD, z.length, y, gpu.floats(bias), rows, columns,
                        Kernels.number(activation), bf16 ? 1 : 0);
                new BiasGradient(gpu.kernels(), memory, activation, rows, columns).run(gradient,
                        activation == Activation.LINEAR ? 0L : y, bf16 ? 1 : 0, biasGradient, GateInterleaving.NONE);
                Agreement.require(activation + "'s y", expected, gpu.readNumbers(bf16, y, z.length), tolerance);
                Agreement.require(activation + "'s dz", before, gpu.readNumbers(bf16, gradient, z.length), tolerance);
                Agreement.require(activation + "'s bias gradient", sums, gpu.readFloats(biasGradient, columns),
                        tolerance);
            }
        }
    }

    /** At every alignment; the elements around stay. */
    @ParameterizedTest
    @CsvSource({"1,0", "4,0", "37,0", "129,0", "600,0", "37,1", "37,2", "37,3"})
    void convert(int n, int offset) {
        double[] values = sixtyFourths(1, n + 2 * offset);
        double[] middle = Arrays.copyOfRange(values, offset, offset + n);
        double[] around = new double[values.length];
        System.arraycopy(middle, 0, around, offset, n);
        try (Gpu gpu = Gpu.open()) {
            long half = gpu.floats(new double[values.length]);
            long back = gpu.floats(new double[values.length]);
            gpu.each(Kernel.CONVERT, n, gpu.floats(values) + 4L * offset, half + 2L * offset, n, 1);
            gpu.each(Kernel.CONVERT, n, half + 2L * offset, back + 4L * offset, n, 0);
            assertArrayEquals(around, gpu.readFloats(back, values.length));
            assertArrayEquals(around, gpu.readNumbers(true, half, values.length));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,4,false", "33,7,36,true", "300,38,32,false", "300,64,68,true", "130,65,4,false",
        "1000,130,36,false", "3,1,1,true", "37,9,33,false", "300,65,130,true", "129,3,7,false"})
    void embeddingBackward(int rows, int symbols, int width, boolean bf16) {
        // Some name no symbol.
        int[] ids = Arrays.stream(randomIds(1, rows, symbols + 2)).map(id -> id - 1).toArray();
        double[] dy = sixtyFourths(2, rows * width);
        double[] expected = new double[symbols * width];
        for (int i = 0; i < dy.length; i++) {
            int id = ids[i / width];
            if (id >= 0 && id < symbols) {
                expected[id * width + i % width] += dy[i];
            }
        }
        try (Gpu gpu = Gpu.open(); GpuMemory memory = new GpuMemory(gpu.context(), CudaType.FLOAT32)) {
            long at = gpu.ints(ids);
            long sums = gpu.numbers(bf16, dy);
            for (int count : new int[] {1, Math.min(rows, 3)}) {
                EmbeddingGradient embedding = new EmbeddingGradient(gpu.kernels(), memory, count,
                        rows, width, symbols);
                for (int part = count - 1; part >= 0; part--) {
                    int first = Rnn.firstStep(rows, count, part);
                    embedding.part(part, first, Rnn.firstStep(rows, count, part + 1) - first, at, sums,
                            bf16 ? 1 : 0);
                }
                long gradient = gpu.fresh(4L * expected.length);
                embedding.sum(gradient, GateInterleaving.NONE);
                Agreement.require("gradient", expected, gpu.readFloats(gradient, expected.length), TOLERANCE);
                if (width % 4 != 0) {
                    continue;
                }
                // As if a row of it were a unit's four gates, then the next unit's.
                embedding.sum(gradient, new GateInterleaving(width / 4, 4, 0x3210));
                double[] byGate = IntStream.range(0, expected.length).mapToDouble(i -> expected[i / width * width
                        + i % (width / 4) * 4 + i % width / (width / 4)]).toArray();
                Agreement.require("gates apart", byGate, gpu.readFloats(gradient, expected.length), TOLERANCE);
                // And as if the third were of no gate, and the last of the third.
                int units = width / 4;
                long ofThree = gpu.fresh(12L * symbols * units);
                embedding.sum(ofThree, new GateInterleaving(units, 3, 0x2f10));
                double[] three = IntStream.range(0, 3 * symbols * units).mapToDouble(i -> byGate[i / (3 * units) * width
                        + i % units + units * new int[] {0, 1, 3}[i % (3 * units) / units]]).toArray();
                Agreement.require("three gates", three, gpu.readFloats(ofThree, three.length), TOLERANCE);
            }
        }
    }

    @Test
    void moreElementsThanAKernelCanCountAreRefused() {
        assertRefused("convert would take 2147483647 elements; at most 2147418111 are possible: make the batches "
                + "smaller", () -> Kernels.requireCountable(Kernel.CONVERT, Integer.MAX_VALUE));
        try (Gpu gpu = Gpu.open(); GpuMemory memory = new GpuMemory(gpu.context(), CudaType.FLOAT32)) {
            long most = Integer.MAX_VALUE - (1 << 16);
            Kernels.requireCountable(Kernel.ADD, most);
            assertRefused("add would take", () -> gpu.each(Kernel.ADD, most + 1, gpu.ints(1), 1, 1));
            assertRefused("bias_backward would take 4294979584 elements", () -> new BiasGradient(gpu.kernels(), memory,
                    Activation.LINEAR, 1 << 20, 1 << 12));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,37,1", "300,38,30", "37,129,10000", "129,3,0.001", "9,128,3", "9,129,3", "50,300,100000"})
    void crossEntropy(int rows, int symbols, double scale) {
        double[] values = random(1, rows * symbols, scale);
        int[] ids = randomIds(2, rows, symbols);
        try (Gpu gpu = Gpu.open(); TrialMemory oracle = TrialMemory.oracle()) {
            Matrix gradient = oracle.matrix(rows, symbols);
            Doubles totals = oracle.memory().doubles(Operations.TOTALS);
            totals.write(new double[] {5, 7, 9, 11, 13});
            for (int row = 0; row < rows; row += 3) {
                ids[row] = Padding.COUNTED.target(ids[row]);
            }
            ids[rows / 2] = Padding.NONE;
            double counted = Math.max(1, rows - 1);
            Doubles count = oracle.memory().doubles(1);
            count.write(new double[] {counted});
            oracle.operations().crossEntropy(oracle.matrix(rows, symbols, values), oracle.ints(ids), count, gradient,
                    totals);
            long logits = gpu.floats(values);
            int blocks = Math.min(3, Math.ceilDiv(rows, 8));
            long partials = gpu.fresh(40L * blocks);
            long sums = gpu.doubles(5, 7, 9, 11, 13);
            gpu.launch(Kernel.CROSS_ENTROPY, blocks, 32, 8, logits, gpu.ints(ids), 0L, 0L, partials, rows,
                    symbols, 0);
            assertArrayEquals(values, gpu.readFloats(logits, values.length), "without a gradient nothing is written");
            gpu.launch(Kernel.CROSS_ENTROPY, blocks, 32, 8, logits, gpu.ints(ids), gpu.doubles(counted),
                    logits, partials, rows, symbols, 0);
            gpu.launch(Kernel.TOTALS, 1, 256, 1, partials, sums, blocks);
            double[] got = gpu.readDoubles(sums, Operations.TOTALS);
            Agreement.require("loss", new double[] {totals.read()[0]}, new double[] {got[0]}, TOLERANCE);
            assertEquals(totals.read()[1], got[1], "hits");
            assertEquals(totals.read()[2], got[2], "counted");
            Agreement.require("loss without padding", new double[] {totals.read()[3]}, new double[] {got[3]},
                    TOLERANCE);
            assertEquals(totals.read()[4], got[4], "no padding");
            Agreement.require("gradient", gradient.read(), gpu.readFloats(logits, values.length), TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {37, 200})
    void crossEntropyOfNaNIsNaN(int symbols) {
        double[] values = random(1, symbols, 1);
        values[symbols - 1] = Double.NaN;
        try (Gpu gpu = Gpu.open()) {
            long partials = gpu.fresh(40);
            gpu.launch(Kernel.CROSS_ENTROPY, 1, 32, 8, gpu.floats(values), gpu.ints(3), 0L, 0L, partials, 1, symbols,
                    0);
            assertEquals(Double.NaN, gpu.readDoubles(partials, Operations.TOTALS)[0]);
        }
    }

    @Test
    void totalsOfManyBlocks() {
        double[] partials = random(1, Operations.TOTALS * 1024, 1);
        double[] expected = {5, 7, 9, 11, 13};
        for (int i = 0; i < partials.length; i++) {
            expected[i % Operations.TOTALS] += partials[i];
        }
        try (Gpu gpu = Gpu.open()) {
            long sums = gpu.doubles(5, 7, 9, 11, 13);
            gpu.launch(Kernel.TOTALS, 1, 256, 1, gpu.doubles(partials), sums, 1024);
            Agreement.require("totals", expected, gpu.readDoubles(sums, Operations.TOTALS), 1e-12);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,1,false", "5,2,3,true", "37,3,4,false", "7,37,37,false", "129,38,128,true"})
    void oneHot(int rows, int symbols, int width, boolean bf16) {
        int[] ids = randomIds(1, rows, symbols);
        double[] expected = new double[rows * width];
        for (int row = 0; row < rows; row++) {
            expected[row * width + ids[row]] = 1;
        }
        try (Gpu gpu = Gpu.open()) {
            long x = gpu.fresh((bf16 ? 2L : 4L) * rows * width);
            gpu.each(Kernel.ONE_HOT, (long) rows * width, gpu.ints(ids), x, width, rows * width, bf16 ? 1 : 0);
            assertArrayEquals(expected, gpu.readNumbers(bf16, x, rows * width));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 37, 129, 1024})
    void rmsProp(int n) {
        try (Gpu gpu = Gpu.open(); TrialMemory oracle = TrialMemory.oracle()) {
            Matrix weights = oracle.matrix(1, n, random(1, n, 1));
            Matrix means = oracle.matrix(1, n);
            double[] rates = {0.01, 0.02};
            Doubles all = oracle.memory().doubles(rates.length);
            all.write(rates);
            long gotWeights = gpu.floats(random(1, n, 1));
            long gotMeans = gpu.floats(new double[n]);
            for (int step = 0; step < 3; step++) {
                double[] gradients = random(2 + step, n, Math.pow(10, -2 * step));
                oracle.operations().update(RmsProp.KERAS, weights, oracle.matrix(1, n, gradients),
                        List.of(means), all, oracle.ints(step));
                gpu.each(Kernel.RMS_PROP, n, gotWeights, gpu.floats(gradients),
                        gotMeans, gpu.doubles(rates), gpu.ints(step), rates.length, 0.9f, 1e-7f, 0f, n);
            }
            Agreement.require("weights", weights.read(), gpu.readFloats(gotWeights, n), TOLERANCE);
            Agreement.require("mean squares", means.read(), gpu.readFloats(gotMeans, n), TOLERANCE);
        }
    }

    /** Beyond the devices' checks: nothing is read behind the end, nor the old sum where a first part replaces it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 37, 129, 1024})
    void otherRulesAndSums(int n) {
        double[] values = random(1, n, 1);
        double[] gradients = random(2, n, 1);
        double[] moved = new double[n];
        double[] sum = new double[n];
        for (int i = 0; i < n; i++) {
            moved[i] = values[i] - 0.5 * gradients[i];
            sum[i] = 0.75 * gradients[i];
        }
        try (Gpu gpu = Gpu.open()) {
            long g = gpu.floats(gradients);
            long weights = gpu.floats(values);
            gpu.each(Kernel.SGD, n, weights, g, 0L, gpu.doubles(0.5), gpu.ints(7), 1, 0.9f, 0, 0f, n);
            Agreement.require("without velocities", moved, gpu.readFloats(weights, n), TOLERANCE);
            weights = gpu.floats(values);
            long velocities = gpu.floats(new double[n]);
            gpu.each(Kernel.SGD, n, weights, g, velocities, gpu.doubles(0.5), gpu.ints(0), 1, 0.9f, 0, 0f, n);
            Agreement.require("first velocities", gradients, gpu.readFloats(velocities, n), 0);
            Agreement.require("with velocities", moved, gpu.readFloats(weights, n), TOLERANCE);
            // m / sqrt(v) is the gradient's sign where nothing was before.
            weights = gpu.floats(values);
            gpu.each(Kernel.ADAM, n, weights, g, gpu.floats(new double[n]), gpu.floats(new double[n]),
                    gpu.doubles(9, 9, 9, 0.5, 1, 0), gpu.ints(1), 2, 0f, 1f, 0f, 1f, 1e-12f, 0f, n);
            double[] signs = IntStream.range(0, n).mapToDouble(i -> values[i] - 0.5 * Math.signum(gradients[i]))
                    .toArray();
            Agreement.require("by signs", signs, gpu.readFloats(weights, n), TOLERANCE);
            long total = gpu.fresh(4L * n);
            gpu.each(Kernel.ACCUMULATE, n, total, g, 1, 0.5f, n);
            gpu.each(Kernel.ACCUMULATE, n, total, g, 0, 0.25f, n);
            Agreement.require("sum", sum, gpu.readFloats(total, n), TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 37, 129})
    void draw(int symbols) {
        int rows = 65;
        double[] values = random(1, rows * symbols, 3);
        values[64 * symbols] = Double.NaN;
        int[] sentences = randomIds(2, rows, 1000);
        for (Draw draw : List.of(Draw.at(0), Draw.at(0.3), Draw.at(1), Draw.at(4), new Draw(1, 2, 1),
                new Draw(4, Draw.ALL, 0.7), new Draw(2, 9, 0.9), new Draw(1, symbols, 1))) {
            try (Gpu gpu = Gpu.open(); TrialMemory oracle = TrialMemory.oracle()) {
                Ints drawn = oracle.ints(new int[rows]);
                oracle.operations().draw(oracle.matrix(rows, symbols, values), draw, 11,
                        oracle.ints(sentences), oracle.ints(4), drawn);
                long got = gpu.fresh(4L * rows);
                gpu.each(Kernel.DRAW, rows, gpu.floats(values), draw.temperature(), draw.topK(), draw.topP(), 11L,
                        gpu.ints(sentences), gpu.ints(4), got, rows, symbols, 0);
                assertArrayEquals(drawn.read(), gpu.readInts(got, rows));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 37, 129, 4096, 5001})
    void normAndClip(int n) {
        double[] x = random(1, n, 1);
        double expected = Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
        try (Gpu gpu = Gpu.open()) {
            long values = gpu.floats(x);
            long norm = 0;
            // More blocks than there is work for, and fewer.
            for (int blocks : new int[] {300, 3}) {
                long sums = gpu.fresh(8L * blocks);
                gpu.launch(Kernel.SQUARES, blocks, 256, 1, values, sums, n);
                norm = gpu.doubles(new double[4]);
                gpu.launch(Kernel.L2_NORM, 1, 256, 1, sums, norm, blocks);
                Agreement.require("norm", new double[] {expected}, gpu.readDoubles(norm, 1), 1e-12);
                assertArrayEquals(new double[] {gpu.readDoubles(norm, 1)[0], 1, 0},
                        Arrays.copyOfRange(gpu.readDoubles(norm, 4), 1, 4));
            }
            gpu.each(Kernel.CLIP, n, values, norm, 2 * expected, Float.POSITIVE_INFINITY, n);
            Agreement.require("below the limit", x, gpu.readFloats(values, n), 0);
            gpu.each(Kernel.CLIP, n, values, norm, expected / 2, Float.POSITIVE_INFINITY, n);
            Agreement.require("clipped", Arrays.stream(x).map(v -> v / 2).toArray(), gpu.readFloats(values, n),
                    TOLERANCE);
        }
    }
}
