package org.charlstm.device;

import static org.charlstm.device.Bench.random;
import static org.charlstm.device.Bench.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.Agreement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation on every device that is here, held to the oracle on odd sizes and round ones. */
class OperationsContractTest {
    private static final double TOLERANCE = 2e-6;
    /** Something else lies before the layer's weights and must stay untouched. */
    private static final int OFFSET = 32;

    static Stream<String> devices() {
        return Bench.devices();
    }

    static Stream<Arguments> lstmShapes() {
        return Bench.devices().flatMap(device -> Stream.of(
                new LstmShape(1, 1, 1, 1, true), new LstmShape(3, 1, 3, 37, true), new LstmShape(37, 3, 3, 3, true),
                new LstmShape(3, 37, 9, 17, true), new LstmShape(129, 129, 3, 37, true),
                new LstmShape(37, 16, 37, 1, true), new LstmShape(38, 128, 17, 48, true),
                new LstmShape(38, 128, 173, 24, true)).map(shape -> Arguments.of(device, shape)));
    }

    static Stream<Arguments> linearShapes() {
        return Bench.devices().flatMap(device -> Stream.of(
                new LinearShape(1, 1, 1, true), new LinearShape(3, 37, 1, false), new LinearShape(37, 3, 37, true),
                new LinearShape(129, 129, 129, false), new LinearShape(1, 129, 3, true),
                new LinearShape(128, 128, 1384, true), new LinearShape(128, 38, 1384, false))
                .map(shape -> Arguments.of(device, shape)));
    }

    private record LstmResult(double[] output, double[] hidden, double[] cell, double[] before, double[][] gradients) {
    }

    private static LstmResult lstm(Bench bench, LstmShape shape, boolean fromZeros) {
        int V = shape.symbols();
        int H = shape.hidden();
        int rows = shape.steps() * shape.batch();
        WeightLayout layout = bench.operations().lstmLayout(V, H);
        Matrix weights = bench.flat(layout, OFFSET, List.of(random(1, V * 4 * H, 0.5),
                random(2, H * 4 * H, 1.5 / Math.sqrt(H)), random(3, 4 * H, 0.5)));
        Matrix gradients = bench.matrix(1, weights.columns(), random(4, weights.columns(), 9));
        Ints ids = bench.ints(randomIds(5, rows, V));
        LstmState state = fromZeros ? null : new LstmState(
                bench.matrix(shape.batch(), H, random(6, shape.batch() * H, 0.9)),
                bench.matrix(shape.batch(), H, random(7, shape.batch() * H, 2)));
        Matrix output = bench.matrix(rows, H);
        Lstm lstm = bench.operations().lstm(bench.memory(), shape, OFFSET);
        lstm.forward(weights, ids, state, output);
        double[] outputs = output.read();
        lstm.backward(weights, ids, output, bench.matrix(rows, H, random(8, rows * H, 1)), gradients);
        double[] flat = gradients.read();
        return new LstmResult(outputs, fromZeros ? new double[0] : state.hidden().read(),
                fromZeros ? new double[0] : state.cell().read(), Arrays.copyOf(flat, OFFSET),
                layout.unpack(flat, OFFSET));
    }

    @ParameterizedTest
    @MethodSource("lstmShapes")
    void lstmAgrees(String device, LstmShape shape) {
        for (boolean fromZeros : new boolean[] {true, false}) {
            try (Bench bench = Bench.of(device); Bench oracle = Bench.oracle()) {
                LstmResult expected = lstm(oracle, shape, fromZeros);
                LstmResult actual = lstm(bench, shape, fromZeros);
                Agreement.require("output", expected.output, actual.output, TOLERANCE);
                Agreement.require("hidden", expected.hidden, actual.hidden, TOLERANCE);
                Agreement.require("cell", expected.cell, actual.cell, TOLERANCE);
                assertArrayEquals(random(4, OFFSET, 9), actual.before, "elements before the layer's");
                for (int i = 0; i < 3; i++) {
                    Agreement.require("gradient " + i, expected.gradients[i], actual.gradients[i], 4 * TOLERANCE);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void lstmForInferenceGivesTheSameBitsAsForTraining(String device) {
        try (Bench bench = Bench.of(device)) {
            List<double[]> outputs = new ArrayList<>();
            for (boolean training : new boolean[] {true, false}) {
                LstmShape shape = new LstmShape(37, 37, 9, 19, training);
                Matrix weights = bench.flat(bench.operations().lstmLayout(37, 37), 0,
                        List.of(random(1, 37 * 148, 0.5), random(2, 37 * 148, 0.3), random(3, 148, 0.5)));
                Matrix output = bench.matrix(9 * 19, 37);
                Lstm lstm = bench.operations().lstm(bench.memory(), shape, 0);
                lstm.forward(weights, bench.ints(randomIds(5, 9 * 19, 37)), null, output);
                outputs.add(output.read());
                if (!training) {
                    assertThrows(IllegalStateException.class, () -> lstm.backward(weights,
                            bench.ints(randomIds(5, 9 * 19, 37)), output, bench.matrix(9 * 19, 37), weights));
                }
            }
            assertArrayEquals(outputs.get(0), outputs.get(1));
        }
    }

    private record LinearResult(double[] output, double[] input, double[] before, double[][] gradients) {
    }

    private static LinearResult linear(Bench bench, LinearShape shape) {
        int in = shape.inputs();
        int out = shape.outputs();
        WeightLayout layout = bench.operations().linearLayout(in, out);
        Matrix weights = bench.flat(layout, OFFSET, List.of(random(1, in * out, 1 / Math.sqrt(in)),
                random(2, out, 0.5)));
        Matrix gradients = bench.matrix(1, weights.columns(), random(3, weights.columns(), 9));
        Matrix input = bench.matrix(shape.rows(), in, random(4, shape.rows() * in, 1));
        Matrix output = bench.matrix(shape.rows(), out);
        Matrix inputGradient = bench.matrix(shape.rows(), in, random(5, shape.rows() * in, 9));
        Linear linear = bench.operations().linear(bench.memory(), shape, OFFSET);
        linear.forward(weights, input, output);
        linear.backward(weights, input, output, bench.matrix(shape.rows(), out, random(6, shape.rows() * out, 1)),
                inputGradient, gradients);
        double[] flat = gradients.read();
        return new LinearResult(output.read(), inputGradient.read(), Arrays.copyOf(flat, OFFSET),
                layout.unpack(flat, OFFSET));
    }

    @ParameterizedTest
    @MethodSource("linearShapes")
    void linearAgrees(String device, LinearShape shape) {
        try (Bench bench = Bench.of(device); Bench oracle = Bench.oracle()) {
            LinearResult expected = linear(oracle, shape);
            LinearResult actual = linear(bench, shape);
            Agreement.require("output", expected.output, actual.output, TOLERANCE);
            Agreement.require("input's gradient", expected.input, actual.input, TOLERANCE);
            assertArrayEquals(random(3, OFFSET, 9), actual.before, "elements before the layer's");
            Agreement.require("kernel's gradient", expected.gradients[0], actual.gradients[0], TOLERANCE);
            Agreement.require("bias' gradient", expected.gradients[1], actual.gradients[1], TOLERANCE);
        }
    }

    static Stream<Arguments> logits() {
        return Bench.devices().flatMap(device -> Stream.of(1e-3, 1.0, 30.0, 1e4).flatMap(scale ->
                Stream.of(1, 3, 37, 38, 129).map(symbols -> Arguments.of(device, symbols, scale))));
    }

    @ParameterizedTest
    @MethodSource("logits")
    void crossEntropyAgrees(String device, int symbols, double scale) {
        int rows = 300;
        double[] values = random(1, rows * symbols, scale);
        int[] targets = randomIds(2, rows, symbols);
        try (Bench bench = Bench.of(device); Bench oracle = Bench.oracle()) {
            double[][] totals = new double[2][];
            double[][] gradients = new double[2][];
            Bench[] both = {oracle, bench};
            for (int i = 0; i < 2; i++) {
                Doubles sums = both[i].memory().doubles(2);
                sums.write(new double[] {5, 7});
                Matrix logits = both[i].matrix(rows, symbols, values);
                Matrix gradient = both[i].matrix(rows, symbols, random(3, rows * symbols, 9));
                Ints ids = both[i].ints(targets);
                both[i].operations().crossEntropy(logits, ids, gradient, sums);
                both[i].operations().crossEntropy(logits, ids, null, sums);
                both[i].operations().crossEntropy(logits, ids, logits, sums);
                assertArrayEquals(gradient.read(), logits.read(), "the gradient in the logits' place");
                totals[i] = sums.read();
                gradients[i] = gradient.read();
            }
            Agreement.require("loss", new double[] {totals[0][0]}, new double[] {totals[1][0]}, TOLERANCE);
            assertEquals(totals[0][1], totals[1][1], "hits");
            Agreement.require("gradient", gradients[0], gradients[1], TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void crossEntropyOfNaNIsNaN(String device) {
        try (Bench bench = Bench.of(device)) {
            double[] values = random(1, 5 * 37, 1);
            values[2 * 37 + 36] = Double.NaN;
            Doubles totals = bench.memory().doubles(2);
            bench.operations().crossEntropy(bench.matrix(5, 37, values), bench.ints(randomIds(2, 5, 37)), null, totals);
            assertTrue(Double.isNaN(totals.read()[0]));
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void rmsPropAgrees(String device) {
        for (int size : new int[] {1, 3, 37, 129, 20_000}) {
            try (Bench bench = Bench.of(device); Bench oracle = Bench.oracle()) {
                double[][][] results = new double[2][][];
                Bench[] both = {oracle, bench};
                for (int i = 0; i < 2; i++) {
                    Matrix weights = both[i].matrix(1, size, random(1, size, 1));
                    Matrix means = both[i].matrix(1, size);
                    Doubles rate = both[i].memory().doubles(1);
                    rate.write(new double[] {0.01});
                    for (int step = 0; step < 5; step++) {
                        Matrix gradients = both[i].matrix(1, size, random(2 + step, size, Math.pow(10, -2 * step)));
                        both[i].operations().rmsProp(weights, gradients, means, rate, 0.9, 1e-7);
                    }
                    results[i] = new double[][] {weights.read(), means.read()};
                }
                Agreement.require("weights", results[0][0], results[1][0], TOLERANCE);
                Agreement.require("mean squares", results[0][1], results[1][1], TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gatherAgrees(String device) {
        try (Bench bench = Bench.of(device)) {
            Ints corpus = bench.ints(0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23);
            Ints cursor = bench.ints(0);
            Ints inputs = bench.ints(new int[6]);
            Ints targets = bench.ints(new int[6]);
            bench.operations().add(cursor, 1);
            bench.operations().gather(corpus, bench.ints(1, 2, 0), cursor, inputs, targets, 2);
            assertArrayEquals(new int[] {20, 0, 21, 1, 22, 2}, inputs.read());
            assertArrayEquals(new int[] {21, 1, 22, 2, 23, 3}, targets.read());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void appendKeepsValuesAtAPosition(String device) {
        try (Bench bench = Bench.of(device)) {
            Ints history = bench.ints(1, 2, 3, 4, 5, 6);
            Ints position = bench.ints(1);
            bench.operations().append(bench.ints(7, 8), position, history);
            bench.operations().add(position, 1);
            bench.operations().append(bench.ints(9, 10), position, history);
            assertArrayEquals(new int[] {1, 2, 7, 8, 9, 10}, history.read());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void drawAgrees(String device) {
        for (int symbols : new int[] {1, 3, 37, 129}) {
            for (double temperature : new double[] {0, 0.3, 1, 4}) {
                try (Bench bench = Bench.of(device); Bench oracle = Bench.oracle()) {
                    int[][] drawn = new int[2][];
                    Bench[] both = {oracle, bench};
                    for (int i = 0; i < 2; i++) {
                        double[] values = random(1, 65 * symbols, 3);
                        values[64 * symbols] = Double.NaN;
                        Ints symbolsDrawn = both[i].ints(new int[65]);
                        both[i].operations().draw(both[i].matrix(65, symbols, values), temperature, 11,
                                both[i].ints(randomIds(2, 65, 1000)), both[i].ints(4), symbolsDrawn);
                        drawn[i] = symbolsDrawn.read();
                    }
                    assertArrayEquals(drawn[0], drawn[1]);
                    assertEquals(-1, drawn[1][64], "a row with NaN");
                }
            }
        }
    }
}
