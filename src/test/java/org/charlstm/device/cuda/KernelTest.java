package org.charlstm.device.cuda;

import static org.charlstm.diagnose.Bench.random;
import static org.charlstm.diagnose.Bench.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.diagnose.Bench;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kernel on the simulated GPU, held to the oracle on odd sizes and round ones. */
class KernelTest {
    private static final double TOLERANCE = 1e-6;

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,3,1", "37,9,5", "129,3,37", "64,16,32"})
    void gatherAndAdd(int rows, int steps, int batch) {
        int n = Math.max(rows, 2 * batch);
        int[] corpus = randomIds(1, n * (steps + 1), 1000);
        int[] order = randomIds(2, n, n);
        try (Gpu gpu = Gpu.open(); Bench oracle = Bench.oracle()) {
            Ints inputs = oracle.ints(new int[steps * batch]);
            Ints targets = oracle.ints(new int[steps * batch]);
            oracle.operations().gather(oracle.ints(corpus), oracle.ints(order), oracle.ints(batch), inputs, targets,
                    batch);
            long cursor = gpu.ints(0);
            long gotInputs = gpu.fresh(4L * steps * batch);
            long gotTargets = gpu.fresh(4L * steps * batch);
            gpu.each(Kernel.ADD, 1, cursor, batch, 1);
            gpu.each(Kernel.GATHER, (long) steps * batch, gpu.ints(corpus), gpu.ints(order), cursor, gotInputs,
                    gotTargets, steps, batch);
            assertArrayEquals(inputs.read(), gpu.readInts(gotInputs, steps * batch));
            assertArrayEquals(targets.read(), gpu.readInts(gotTargets, steps * batch));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "3,37", "37,3", "129,129", "64,128"})
    void biasAndActivation(int rows, int columns) {
        double[] z = random(1, rows * columns, 1);
        double[] bias = random(2, columns, 1);
        double[] dy = random(3, rows * columns, 1);
        try (Gpu gpu = Gpu.open()) {
            for (Activation activation : Activation.values()) {
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
                int number = BiasGradient.number(activation);
                long y = gpu.floats(z);
                long gradient = gpu.floats(dy);
                long biasGradient = gpu.fresh(4L * columns);
                int slices = Math.min(rows, 5);
                long partials = gpu.fresh(4L * slices * columns);
                gpu.each(Kernel.BIAS_FORWARD, z.length, y, gpu.floats(bias), rows, columns, number, 0);
                gpu.launch(Kernel.BIAS_BACKWARD, slices * Math.ceilDiv(columns, 32), 32, 8, gradient,
                        activation == Activation.LINEAR ? 0L : y, partials, rows, columns, slices, number, 0);
                gpu.each(Kernel.BIAS_SUM, columns, partials, biasGradient, columns, slices);
                Agreement.require(activation + "'s y", expected, gpu.readFloats(y, z.length), TOLERANCE);
                Agreement.require(activation + "'s dz", before, gpu.readFloats(gradient, z.length), TOLERANCE);
                Agreement.require(activation + "'s bias gradient", sums, gpu.readFloats(biasGradient, columns),
                        TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,37,1", "300,38,30", "37,129,10000", "129,3,0.001"})
    void crossEntropy(int rows, int symbols, double scale) {
        double[] values = random(1, rows * symbols, scale);
        int[] ids = randomIds(2, rows, symbols);
        try (Gpu gpu = Gpu.open(); Bench oracle = Bench.oracle()) {
            Matrix gradient = oracle.matrix(rows, symbols);
            Doubles totals = oracle.memory().doubles(2);
            totals.write(new double[] {5, 7});
            oracle.operations().crossEntropy(oracle.matrix(rows, symbols, values), oracle.ints(ids), gradient, totals);
            long logits = gpu.floats(values);
            int blocks = Math.min(3, Math.ceilDiv(rows, 8));
            long partials = gpu.fresh(16L * blocks);
            long sums = gpu.doubles(5, 7);
            gpu.launch(Kernel.CROSS_ENTROPY, blocks, 32, 8, logits, gpu.ints(ids), 0L, partials, rows, symbols,
                    1f / rows, 0);
            assertArrayEquals(values, gpu.readFloats(logits, values.length), "without a gradient nothing is written");
            gpu.launch(Kernel.CROSS_ENTROPY, blocks, 32, 8, logits, gpu.ints(ids), logits, partials, rows, symbols,
                    1f / rows, 0);
            gpu.launch(Kernel.TOTALS, 1, 256, 1, partials, sums, blocks);
            double[] got = gpu.readDoubles(sums, 2);
            Agreement.require("loss", new double[] {totals.read()[0]}, new double[] {got[0]}, TOLERANCE);
            assertEquals(totals.read()[1], got[1], "hits");
            Agreement.require("gradient", gradient.read(), gpu.readFloats(logits, values.length), TOLERANCE);
        }
    }

    @Test
    void crossEntropyOfNaNIsNaN() {
        double[] values = random(1, 37, 1);
        values[36] = Double.NaN;
        try (Gpu gpu = Gpu.open()) {
            long partials = gpu.fresh(16);
            gpu.launch(Kernel.CROSS_ENTROPY, 1, 32, 8, gpu.floats(values), gpu.ints(3), 0L, partials, 1, 37, 1f, 0);
            assertEquals(Double.NaN, gpu.readDoubles(partials, 2)[0]);
        }
    }

    @Test
    void totalsOfManyBlocks() {
        double[] partials = random(1, 2 * 1024, 1);
        double[] expected = {5, 7};
        for (int i = 0; i < partials.length; i++) {
            expected[i % 2] += partials[i];
        }
        try (Gpu gpu = Gpu.open()) {
            long sums = gpu.doubles(5, 7);
            gpu.launch(Kernel.TOTALS, 1, 256, 1, gpu.doubles(partials), sums, 1024);
            Agreement.require("totals", expected, gpu.readDoubles(sums, 2), 1e-12);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "37,3,4", "129,38,128"})
    void oneHot(int rows, int symbols, int width) {
        int[] ids = randomIds(1, rows, symbols);
        double[] expected = new double[rows * width];
        for (int row = 0; row < rows; row++) {
            expected[row * width + ids[row]] = 1;
        }
        try (Gpu gpu = Gpu.open()) {
            long x = gpu.fresh(4L * rows * width);
            gpu.each(Kernel.ONE_HOT, (long) rows * width, gpu.ints(ids), x, width, (long) rows * width, 0);
            assertArrayEquals(expected, gpu.readFloats(x, rows * width));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 37, 129, 1024})
    void rmsProp(int n) {
        try (Gpu gpu = Gpu.open(); Bench oracle = Bench.oracle()) {
            Matrix weights = oracle.matrix(1, n, random(1, n, 1));
            Matrix means = oracle.matrix(1, n);
            Doubles rate = oracle.memory().doubles(1);
            rate.write(new double[] {0.01});
            long gotWeights = gpu.floats(random(1, n, 1));
            long gotMeans = gpu.floats(new double[n]);
            for (int step = 0; step < 3; step++) {
                double[] gradients = random(2 + step, n, Math.pow(10, -2 * step));
                oracle.operations().rmsProp(weights, oracle.matrix(1, n, gradients), means, rate, 0.9, 1e-7);
                gpu.each(Kernel.RMS_PROP, Math.ceilDiv(n, 4), gotWeights, gpu.floats(gradients),
                        gotMeans, gpu.doubles(0.01), 0.9f, 1e-7f, n);
            }
            Agreement.require("weights", weights.read(), gpu.readFloats(gotWeights, n), TOLERANCE);
            Agreement.require("mean squares", means.read(), gpu.readFloats(gotMeans, n), TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 37, 129})
    void draw(int symbols) {
        int rows = 65;
        double[] values = random(1, rows * symbols, 3);
        values[64 * symbols] = Double.NaN;
        int[] sentences = randomIds(2, rows, 1000);
        for (double temperature : new double[] {0, 0.3, 1, 4}) {
            try (Gpu gpu = Gpu.open(); Bench oracle = Bench.oracle()) {
                Ints drawn = oracle.ints(new int[rows]);
                oracle.operations().draw(oracle.matrix(rows, symbols, values), temperature, 11,
                        oracle.ints(sentences), oracle.ints(4), drawn);
                long got = gpu.fresh(4L * rows);
                gpu.each(Kernel.DRAW, rows, gpu.floats(values), temperature, 11L, gpu.ints(sentences), gpu.ints(4), got,
                        rows, symbols, 0);
                assertArrayEquals(drawn.read(), gpu.readInts(got, rows));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 37, 129, 4096})
    void normAndClip(int n) {
        double[] x = random(1, n, 1);
        double expected = Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
        try (Gpu gpu = Gpu.open()) {
            long values = gpu.floats(x);
            long norm = gpu.fresh(8);
            gpu.launch(Kernel.L2_NORM, 1, 1024, 1, values, norm, n);
            Agreement.require("norm", new double[] {expected}, gpu.readDoubles(norm, 1), 1e-12);
            gpu.each(Kernel.CLIP, n, values, norm, 2 * expected, n);
            Agreement.require("below the limit", x, gpu.readFloats(values, n), 0);
            gpu.each(Kernel.CLIP, n, values, norm, expected / 2, n);
            Agreement.require("clipped", Arrays.stream(x).map(v -> v / 2).toArray(), gpu.readFloats(values, n),
                    TOLERANCE);
        }
    }
}
