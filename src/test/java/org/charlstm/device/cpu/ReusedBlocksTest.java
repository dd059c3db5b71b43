package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Ints;
import org.charlstm.device.Linear;
import org.charlstm.device.LinearShape;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.WeightLayout;
import org.charlstm.diagnose.Bench;
import org.junit.jupiter.api.Test;

/** Layers copy blocks of rows to places that they use again: what was there before, NaN even, reaches no gradient. */
class ReusedBlocksTest {
    /** Neither a block of steps nor its rows are whole panels. */
    private static final int STEPS = 20;
    private static final int BATCH = 7;
    private static final int SYMBOLS = 5;
    private static final int HIDDEN = 9;

    @Test
    void anLstmForgetsThePassBefore() {
        try (Device device = Devices.open("cpu", new DeviceOptions(1)); Bench bench = new Bench(device)) {
            LstmShape shape = new LstmShape(SYMBOLS, HIDDEN, 2, STEPS, BATCH, true);
            double[] fresh = gradients(bench, bench.operations().lstm(bench.memory(), shape, 0), 1);
            Lstm used = bench.operations().lstm(bench.memory(), shape, 0);
            assertTrue(Arrays.stream(gradients(bench, used, Double.NaN)).anyMatch(Double::isNaN), "no NaN to forget");
            assertArrayEquals(fresh, gradients(bench, used, 1));
        }
    }

    private static double[] gradients(Bench bench, Lstm lstm, double scale) {
        WeightLayout layout = bench.operations().lstmLayout(SYMBOLS, HIDDEN, 2, RecurrentActivation.SIGMOID);
        int gates = 4 * HIDDEN;
        Matrix weights = bench.flat(layout, 0,
                List.of(Bench.random(1, SYMBOLS * gates, scale), Bench.random(2, HIDDEN * gates, 1),
                        Bench.random(3, gates, 1), Bench.random(4, HIDDEN * gates, 1),
                        Bench.random(5, HIDDEN * gates, 1), Bench.random(6, gates, 1)));
        Ints ids = bench.ints(Bench.randomIds(7, STEPS * BATCH, SYMBOLS));
        Matrix output = bench.matrix(STEPS * BATCH, HIDDEN);
        Matrix gradients = bench.flat(new double[layout.size()]);
        lstm.forward(weights, ids, null, output);
        lstm.backward(weights, ids, output,
                bench.matrix(STEPS * BATCH, HIDDEN, Bench.random(8, STEPS * BATCH * HIDDEN, 1)), gradients);
        return gradients.read();
    }

    /** Blocks are whole but for the last, which comes after others of the same shard. */
    @Test
    void aDenseLayerForgetsTheBlockBefore() {
        int inputs = 3;
        int outputs = 2;
        int rows = 2 * 64 * 16 - 61;
        try (Device device = Devices.open("cpu", new DeviceOptions(1)); Bench bench = new Bench(device);
                Bench oracle = Bench.oracle()) {
            double[] expected = kernelGradient(oracle, inputs, outputs, rows);
            assertArrayEquals(expected, kernelGradient(bench, inputs, outputs, rows), 1e-3);
        }
    }

    private static double[] kernelGradient(Bench bench, int inputs, int outputs, int rows) {
        WeightLayout layout = bench.operations().linearLayout(inputs, outputs);
        Matrix weights = bench.flat(layout, 0,
                List.of(Bench.random(1, inputs * outputs, 1), Bench.random(2, outputs, 1)));
        Matrix input = bench.matrix(rows, inputs, Bench.random(3, rows * inputs, 1));
        Matrix output = bench.matrix(rows, outputs);
        Matrix gradients = bench.flat(new double[layout.size()]);
        Linear linear = bench.operations().linear(bench.memory(),
                new LinearShape(inputs, outputs, rows, Activation.LINEAR), 0);
        linear.forward(weights, input, output);
        linear.backward(weights, input, output, bench.matrix(rows, outputs, Bench.random(4, rows * outputs, 1)),
                bench.matrix(rows, inputs), gradients);
        return layout.unpack(gradients.read(), 0)[0];
    }
}
