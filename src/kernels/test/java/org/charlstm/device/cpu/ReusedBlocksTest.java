package org.charlstm.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.WeightLayout;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers copy blocks of rows to places that they use again: what was there before, NaN even, reaches no gradient. */
class ReusedBlocksTest {
    /** Neither a block of steps nor its rows are whole panels. */
    private static final int STEPS = 20;
    private static final int BATCH = 7;
    private static final int HIDDEN = 9;

    /** On ids, and on numbers of fewer and of more columns than there are units. */
    static Stream<Arguments> inputs() {
        return RecurrentCell.forms().stream().flatMap(cell -> Stream.of(InputShape.ofIds(5), InputShape.ofMatrix(5),
                InputShape.ofMatrix(20)).map(input -> Arguments.of(cell, input)));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void recurrentLayersForgetThePassBefore(RecurrentCell cell, InputShape input) {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(input, HIDDEN, 2, cell), STEPS, BATCH, true);
        try (Device device = Devices.open("cpu", new DeviceOptions(1)); TrialMemory scope = new TrialMemory(device)) {
            double[] fresh = gradients(scope, shape, scope.operations().rnn(scope.memory(), shape, 0), 1);
            Rnn used = scope.operations().rnn(scope.memory(), shape, 0);
            assertTrue(Arrays.stream(gradients(scope, shape, used, Double.NaN)).anyMatch(Double::isNaN),
                    "no NaN to forget");
            assertArrayEquals(fresh, gradients(scope, shape, used, 1));
        }
    }

    /** Those of the weights, and behind them that of an input of numbers. */
    private static double[] gradients(TrialMemory scope, Rnn.Shape shape, Rnn rnn, double scale) {
        WeightLayout layout = scope.operations().rnnLayout(shape.layers());
        int width = shape.layers().width();
        int biases = shape.layers().cell().biasRows() * width;
        int columns = shape.input().columns();
        int rows = shape.rows();
        Matrix weights = scope.flat(layout, 0,
                List.of(TrialMemory.random(1, columns * width, scale), TrialMemory.random(2, HIDDEN * width, 0.3),
                        TrialMemory.random(3, biases, 1), TrialMemory.random(4, HIDDEN * width, 0.3),
                        TrialMemory.random(5, HIDDEN * width, 0.3), TrialMemory.random(6, biases, 1)));
        boolean ids = shape.input().ids();
        Input input = ids ? new Input.Ids(scope.ints(TrialMemory.randomIds(7, rows, columns)))
                : new Input.Dense(scope.matrix(rows, columns, TrialMemory.random(7, rows * columns, scale)));
        Matrix inputGradient = ids ? null : scope.matrix(rows, columns);
        Matrix output = scope.matrix(rows, HIDDEN);
        Matrix gradients = scope.flat(new double[layout.size()]);
        rnn.forward(weights, input, null, output);
        rnn.backward(weights, input, output, scope.matrix(rows, HIDDEN, TrialMemory.random(8, rows * HIDDEN, 1)),
                inputGradient, gradients);
        return DoubleStream.concat(DoubleStream.of(gradients.read()),
                DoubleStream.of(ids ? new double[0] : inputGradient.read())).toArray();
    }

    /** Blocks are whole but for the last, which comes after others of the same shard. */
    @Test
    void aDenseLayerForgetsTheBlockBefore() {
        int inputs = 3;
        int outputs = 2;
        int rows = 2 * 64 * 16 - 61;
        try (Device device = Devices.open("cpu", new DeviceOptions(1));
                TrialMemory scope = new TrialMemory(device);
                TrialMemory oracle = TrialMemory.oracle()) {
            double[] expected = kernelGradient(oracle, inputs, outputs, rows);
            assertArrayEquals(expected, kernelGradient(scope, inputs, outputs, rows), 1e-3);
        }
    }

    private static double[] kernelGradient(TrialMemory scope, int inputs, int outputs, int rows) {
        WeightLayout layout = scope.operations().denseLayout(inputs, outputs);
        Matrix weights = scope.flat(layout, 0,
                List.of(TrialMemory.random(1, inputs * outputs, 1), TrialMemory.random(2, outputs, 1)));
        Matrix input = scope.matrix(rows, inputs, TrialMemory.random(3, rows * inputs, 1));
        Matrix output = scope.matrix(rows, outputs);
        Matrix gradients = scope.flat(new double[layout.size()]);
        Dense dense = scope.operations().dense(scope.memory(),
                new Dense.Shape(inputs, outputs, rows, Activation.LINEAR), 0);
        dense.forward(weights, input, output);
        dense.backward(weights, input, output, scope.matrix(rows, outputs, TrialMemory.random(4, rows * outputs, 1)),
                scope.matrix(rows, inputs), gradients);
        return layout.unpack(gradients.read(), 0)[0];
    }
}
