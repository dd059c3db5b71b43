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
import org.charlstm.selftest.TrialMemory;
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
        try (Device device = Devices.open("cpu", new DeviceOptions(1)); TrialMemory scope = new TrialMemory(device)) {
            LstmShape shape = new LstmShape(SYMBOLS, HIDDEN, 2, STEPS, BATCH, true);
            double[] fresh = gradients(scope, scope.operations().lstm(scope.memory(), shape, 0), 1);
            Lstm used = scope.operations().lstm(scope.memory(), shape, 0);
            assertTrue(Arrays.stream(gradients(scope, used, Double.NaN)).anyMatch(Double::isNaN), "no NaN to forget");
            assertArrayEquals(fresh, gradients(scope, used, 1));
        }
    }

    private static double[] gradients(TrialMemory scope, Lstm lstm, double scale) {
        WeightLayout layout = scope.operations().lstmLayout(SYMBOLS, HIDDEN, 2, RecurrentActivation.SIGMOID);
        int gates = 4 * HIDDEN;
        Matrix weights = scope.flat(layout, 0,
                List.of(TrialMemory.random(1, SYMBOLS * gates, scale), TrialMemory.random(2, HIDDEN * gates, 1),
                        TrialMemory.random(3, gates, 1), TrialMemory.random(4, HIDDEN * gates, 1),
                        TrialMemory.random(5, HIDDEN * gates, 1), TrialMemory.random(6, gates, 1)));
        Ints ids = scope.ints(TrialMemory.randomIds(7, STEPS * BATCH, SYMBOLS));
        Matrix output = scope.matrix(STEPS * BATCH, HIDDEN);
        Matrix gradients = scope.flat(new double[layout.size()]);
        lstm.forward(weights, ids, null, output);
        lstm.backward(weights, ids, output,
                scope.matrix(STEPS * BATCH, HIDDEN, TrialMemory.random(8, STEPS * BATCH * HIDDEN, 1)), gradients);
        return gradients.read();
    }

    /** Blocks are whole but for the last, which comes after others of the same shard. */
    @Test
    void aDenseLayerForgetsTheBlockBefore() {
        int inputs = 3;
        int outputs = 2;
        int rows = 2 * 64 * 16 - 61;
        try (Device device = Devices.open("cpu", new DeviceOptions(1)); TrialMemory scope = new TrialMemory(device);
                TrialMemory oracle = TrialMemory.oracle()) {
            double[] expected = kernelGradient(oracle, inputs, outputs, rows);
            assertArrayEquals(expected, kernelGradient(scope, inputs, outputs, rows), 1e-3);
        }
    }

    private static double[] kernelGradient(TrialMemory scope, int inputs, int outputs, int rows) {
        WeightLayout layout = scope.operations().linearLayout(inputs, outputs);
        Matrix weights = scope.flat(layout, 0,
                List.of(TrialMemory.random(1, inputs * outputs, 1), TrialMemory.random(2, outputs, 1)));
        Matrix input = scope.matrix(rows, inputs, TrialMemory.random(3, rows * inputs, 1));
        Matrix output = scope.matrix(rows, outputs);
        Matrix gradients = scope.flat(new double[layout.size()]);
        Linear linear = scope.operations().linear(scope.memory(),
                new LinearShape(inputs, outputs, rows, Activation.LINEAR), 0);
        linear.forward(weights, input, output);
        linear.backward(weights, input, output, scope.matrix(rows, outputs, TrialMemory.random(4, rows * outputs, 1)),
                scope.matrix(rows, inputs), gradients);
        return layout.unpack(gradients.read(), 0)[0];
    }
}
