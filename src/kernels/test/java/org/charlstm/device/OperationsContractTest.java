package org.charlstm.device;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.circle.Circle;
import org.charlstm.circle.Sampled;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.EveryOrder;
import org.charlstm.selftest.Check;
import org.charlstm.selftest.Check.Outcome;
import org.charlstm.selftest.FewerCases;
import org.charlstm.selftest.Tolerances;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.selftest.TrialRows;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every device computes each operation as the oracle does, and keeps to the contract where there is no oracle. */
@EveryOrder
@Tag("long")
@Sampled
class OperationsContractTest {
    /** One of each for all cases. */
    private static final Map<String, Device> OPEN = new HashMap<>();

    static Stream<Arguments> cells() {
        return devices().flatMap(device -> RecurrentCell.forms().stream().map(cell -> Arguments.of(device, cell)));
    }

    static Stream<Arguments> cases() {
        return TestDevices.once(TestDevices.all())
                .flatMap(device -> FewerCases.withoutRepeats(Tolerances.FLOAT32).stream()
                        .flatMap(check -> Circle.sample(check.cases(), 6, check.name()).stream()
                                .map(one -> Arguments.of(device, check.name(), one, check.tolerance()))));
    }

    @AfterAll
    static void close() {
        OPEN.values().forEach(Device::close);
        OPEN.clear();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agrees(String name, String check, Check.Case one, double tolerance) {
        Outcome outcome = new Check(check, tolerance, List.of(one)).run(OPEN.computeIfAbsent(name, TestDevices::open));
        assertTrue(outcome.passed(), outcome::toString);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void layersForInferenceGiveTheSameBitsAsForTraining(String name, RecurrentCell cell) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            List<double[]> outputs = new ArrayList<>();
            for (boolean training : new boolean[] {true, false}) {
                Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(37), 37, 2, cell);
                Rnn.Shape shape = new Rnn.Shape(layers, 9, 19, training);
                int count = 37 * layers.width();
                int biases = cell.biasRows() * layers.width();
                Matrix weights = scope.flat(scope.operations().rnnLayout(layers), 0,
                        List.of(random(1, count, 0.5), random(2, count, 0.3), random(3, biases, 4),
                                random(4, count, 0.5), random(5, count, 0.3), random(6, biases, 4)));
                Matrix output = scope.matrix(9 * 19, 37);
                Rnn rnn = scope.operations().rnn(scope.memory(), shape, 0);
                Input input = new Input.Ids(scope.ints(randomIds(5, 9 * 19, 37)));
                rnn.forward(weights, input, null, output);
                outputs.add(output.read());
                if (!training) {
                    assertThrows(IllegalStateException.class, () -> rnn.backward(weights, input, output,
                            scope.matrix(9 * 19, 37), null, weights));
                }
            }
            assertArrayEquals(outputs.get(0), outputs.get(1));
        }
    }

    static Stream<String> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all());
    }

    /** Ids for numbers, the reverse, another width; a gradient where there is none, or none where one is. */
    @ParameterizedTest
    @MethodSource("devices")
    void anInputOfAnotherShapeIsRefused(String name) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Input ids = new Input.Ids(scope.ints(new int[6]));
            Input numbers = new Input.Dense(scope.matrix(6, 5));
            Rnn.Shape ofIds = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 3, 1), 2, 3, true);
            Rnn.Shape ofNumbers = new Rnn.Shape(new Rnn.Layers(InputShape.ofMatrix(5), 3, 1), 2, 3, true);
            refuses(scope, ofIds, ids, numbers, null, scope.matrix(6, 5));
            refuses(scope, ofIds, ids, new Input.Ids(scope.ints(new int[5])), null, scope.matrix(6, 5));
            refuses(scope, ofNumbers, numbers, ids, scope.matrix(6, 5), null);
            refuses(scope, ofNumbers, numbers, new Input.Dense(scope.matrix(6, 4)), scope.matrix(6, 5),
                    scope.matrix(6, 4));
        }
    }

    private static void refuses(TrialMemory scope, Rnn.Shape shape, Input right, Input wrong, Matrix rightGradient,
            Matrix wrongGradient) {
        Rnn rnn = scope.operations().rnn(scope.memory(), shape, 0);
        int size = scope.operations().rnnLayout(shape.layers()).size();
        Matrix weights = scope.flat(new double[size]);
        Matrix gradients = scope.flat(new double[size]);
        Matrix output = scope.matrix(6, 3);
        Matrix outputGradient = scope.matrix(6, 3);
        assertThrows(IllegalArgumentException.class, () -> rnn.forward(weights, wrong, null, output));
        rnn.forward(weights, right, null, output);
        assertThrows(IllegalArgumentException.class,
                () -> rnn.backward(weights, wrong, output, outputGradient, rightGradient, gradients));
        assertThrows(IllegalArgumentException.class,
                () -> rnn.backward(weights, right, output, outputGradient, wrongGradient, gradients));
        rnn.backward(weights, right, output, outputGradient, rightGradient, gradients);
    }

    /** A c that the cell has not, or none where it has one; of the first state and of its gradient. */
    @ParameterizedTest
    @MethodSource("cells")
    void aStateOfAnotherCellIsRefused(String name, RecurrentCell cell) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofIds(5), 3, 1, cell), 2, 3, true);
            Rnn rnn = scope.operations().rnn(scope.memory(), shape, 0);
            Matrix weights = scope.flat(new double[scope.operations().rnnLayout(shape.layers()).size()]);
            Input ids = new Input.Ids(scope.ints(new int[6]));
            Matrix output = scope.matrix(6, 3);
            Rnn.State wrong = new Rnn.State(scope.matrix(3, 3), cell.hasCell() ? null : scope.matrix(3, 3));
            assertThrows(IllegalArgumentException.class, () -> rnn.forward(weights, ids, wrong, output));
            rnn.forward(weights, ids, null, output);
            assertThrows(IllegalArgumentException.class,
                    () -> rnn.backward(weights, ids, output, scope.matrix(6, 3), null, wrong, weights));
        }
    }

    /** Of two sequences one has an input that is no number: from there on its h is none, and the other's is. */
    @ParameterizedTest
    @MethodSource("cells")
    void whatIsNoNumberStaysInItsSequence(String name, RecurrentCell cell) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Rnn.Layers layers = new Rnn.Layers(InputShape.ofMatrix(4), 5, 1, cell);
            Matrix weights = scope.flat(scope.operations().rnnLayout(layers), 0,
                    List.of(random(1, 4 * layers.width(), 1), random(2, 5 * layers.width(), 1),
                            random(3, cell.biasRows() * layers.width(), 1)));
            double[] x = random(4, 3 * 2 * 4, 1);
            x[(2 + 1) * 4] = Double.NaN;
            Matrix output = scope.matrix(6, 5);
            scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, 3, 2, false), 0).forward(weights,
                    new Input.Dense(scope.matrix(6, 4, x)), null, output);
            double[] h = output.read();
            for (int i = 0; i < h.length; i++) {
                int row = i / 5;
                assertEquals(row == 3 || row == 5, Double.isNaN(h[i]), "row " + row);
            }
        }
    }

    /** More steps than a corpus has, a part of a step, none; fewer are right. */
    @ParameterizedTest
    @MethodSource("devices")
    void aBatchThatDoesNotFitItsCorpusIsRefused(String name) {
        CorpusRows rows = new TrialRows(new int[][] {{0, 1, 2, 3}, {0, 2, 3, 3}}, 3);
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            CorpusBuffer corpus = scope.memory().corpus(rows);
            assertEquals(3, corpus.steps());
            for (int length : new int[] {8, 5, 1, 4}) {
                Ints inputs = scope.ints(new int[length]);
                Ints targets = scope.ints(new int[length]);
                Executable gather = () -> scope.operations().gather(corpus, scope.ints(0, 1), scope.ints(0), inputs,
                        targets, 2, Padding.COUNTED);
                if (length == 4) {
                    assertDoesNotThrow(gather);
                } else {
                    assertThrows(IllegalArgumentException.class, gather);
                }
            }
        }
    }

    /** A GPU does not look. */
    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu"})
    void aTargetThatNamesNoSymbolIsRefused(String name) {
        try (Device device = TestDevices.open(name); TrialMemory scope = new TrialMemory(device)) {
            Doubles totals = scope.memory().doubles(Operations.TOTALS);
            for (int target : new int[] {3, Padding.COUNTED.target(3), Integer.MIN_VALUE}) {
                assertThrows(IllegalArgumentException.class, () -> scope.operations()
                        .crossEntropy(scope.matrix(1, 3), scope.ints(target), null, null, totals));
            }
            assertArrayEquals(new double[Operations.TOTALS], totals.read());
        }
    }
}
