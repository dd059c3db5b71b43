package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Lstm.InputShape;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.jspecify.annotations.Nullable;

/** LSTM layers on ids and on numbers, from zeros and from a state. */
final class LstmCheck {
    /** Something else lies before the layer's weights and must stay untouched. */
    private static final int OFFSET = 32;
    /** c~ among i, f, c~, o. */
    private static final int CANDIDATE = 2;
    private static final List<Lstm.Shape> SIGMOID = List.of(
            ids(1, 1, 1, 1, 1), ids(3, 1, 1, 3, 37), ids(37, 3, 1, 3, 3), ids(3, 37, 1, 9, 17), ids(129, 129, 1, 3, 37),
            ids(37, 16, 1, 37, 1), ids(38, 128, 1, 17, 48), ids(38, 128, 1, 173, 9), ids(5, 3, 2, 4, 2),
            ids(3, 37, 3, 9, 17), ids(38, 64, 2, 19, 16), ids(9, 20, 1, 40, 2), ids(5, 107, 1, 7, 2),
            ids(5, 100, 1, 3, 151),
            numbers(1, 1, 1, 1, 1), numbers(6, 113, 2, 4, 9),
            numbers(3, 37, 1, 9, 17), numbers(129, 3, 1, 3, 37), numbers(37, 129, 1, 3, 3),
            numbers(64, 128, 1, 19, 16), numbers(17, 3, 2, 4, 2), numbers(40, 37, 3, 5, 18));
    /** Of those whose gates are made by something else. */
    private static final List<Lstm.Shape> OTHERS = List.of(
            ids(3, 1, 1, 5, 3), ids(37, 3, 1, 3, 37), ids(129, 129, 1, 3, 37), ids(5, 37, 1, 1, 1),
            ids(38, 64, 1, 9, 17), ids(5, 100, 1, 3, 151), ids(3, 37, 3, 9, 17), numbers(129, 3, 1, 3, 37),
            numbers(5, 37, 3, 9, 17));

    private static Lstm.Shape ids(int symbols, int hidden, int layers, int steps, int batch) {
        return new Lstm.Shape(new Lstm.Layers(InputShape.ofIds(symbols), hidden, layers), steps, batch, true);
    }

    private static Lstm.Shape numbers(int columns, int hidden, int layers, int steps, int batch) {
        return new Lstm.Shape(new Lstm.Layers(InputShape.ofMatrix(columns), hidden, layers), steps, batch, true);
    }

    private static Lstm.Shape with(RecurrentActivation activation, Lstm.Shape shape) {
        return new Lstm.Shape(new Lstm.Layers(shape.input(), shape.hidden(), shape.layers().count(), activation),
                shape.steps(), shape.batch(), true);
    }

    /**
     * Layers on one device, their weights and buffers; no state and none of its gradients from zeros, no input's
     * gradient where that is ids.
     */
    private record Layer(TrialMemory scope, Lstm.Shape shape, Lstm lstm, Matrix weights, Input input,
            Lstm.@Nullable State state, Matrix output, @Nullable Matrix inputGradient,
            Lstm.@Nullable State stateGradient) {
        static Layer on(TrialMemory scope, Lstm.Shape shape, boolean fromZeros) {
            int I = shape.input().columns();
            int H = shape.hidden();
            int L = shape.layers().count();
            List<double[]> tensors = new ArrayList<>();
            for (int l = 0; l < L; l++) {
                int inputs = shape.layers().inputs(l);
                tensors.add(random(20 * l + 1, inputs * 4 * H,
                        l == 0 && shape.input().ids() ? 0.5 : 1.5 / Math.sqrt(inputs)));
                tensors.add(random(20 * l + 2, H * 4 * H, 1.5 / Math.sqrt(H)));
                tensors.add(bias(shape, 20 * l + 3));
            }
            Matrix weights = scope.flat(scope.operations().lstmLayout(shape.layers()), OFFSET, tensors);
            Lstm lstm = scope.operations().lstm(scope.memory(), shape, OFFSET);
            int rows = shape.rows();
            Input input = shape.input().ids() ? new Input.Ids(scope.ints(randomIds(5, rows, I)))
                    : new Input.Dense(scope.matrix(rows, I, random(5, rows * I, 0.5)));
            return new Layer(scope, shape, lstm, weights, input, fromZeros ? null : state(scope, shape, 6),
                    scope.matrix(rows, H), shape.input().ids() ? null : scope.matrix(rows, I, random(9, rows * I, 9)),
                    fromZeros ? null : state(scope, shape, 10));
        }

        private static Lstm.State state(TrialMemory scope, Lstm.Shape shape, int seed) {
            int rows = shape.layers().count() * shape.batch();
            int H = shape.hidden();
            return new Lstm.State(scope.matrix(rows, H, random(seed, rows * H, 0.9)),
                    scope.matrix(rows, H, random(seed + 1, rows * H, 2)));
        }

        /**
         * Of the gates that are hard sigmoids, a third is clipped at 0 and a third at 1, at every step, and no other
         * comes near: where it did, a rounding would decide whether a gradient passes.
         */
        private static double[] bias(Lstm.Shape shape, int seed) {
            int H = shape.hidden();
            double[] bias = random(seed, 4 * H, 0.5);
            if (shape.layers().recurrentActivation() == RecurrentActivation.HARD_SIGMOID) {
                int[] thirds = randomIds(seed, 4 * H, 3);
                for (int j = 0; j < 4 * H; j++) {
                    bias[j] += j / H == CANDIDATE ? 0 : 5 * (thirds[j] - 1);
                }
            }
            return bias;
        }

        void forward() {
            lstm.forward(weights, input, state, output);
        }

        /** The flat gradients, where something else was before. */
        double[] backward() {
            Matrix gradients = scope.flat(random(4, weights.columns(), 9));
            int rows = shape.rows();
            lstm.backward(weights, input, output,
                    scope.matrix(rows, shape.hidden(), random(8, rows * shape.hidden(), 1)), inputGradient,
                    stateGradient,
                    gradients);
            return gradients.read();
        }

        double[][] unpack(double[] flat) {
            return scope.operations().lstmLayout(shape.layers()).unpack(flat, OFFSET);
        }
    }

    private LstmCheck() {
    }

    static List<Check> of(Tolerances tolerances) {
        return List.of(new Check("LSTM forward", tolerances.lstm(), cases(LstmCheck::forward)),
                new Check("LSTM backward", tolerances.lstm(), cases(LstmCheck::backward)));
    }

    private interface Pass {
        void compare(Layer expected, Layer actual, Comparison comparison);
    }

    private static List<Check.Case> cases(Pass pass) {
        Stream<Lstm.Shape> shapes = Stream.of(RecurrentActivation.values())
                .flatMap(activation -> activation == RecurrentActivation.SIGMOID ? SIGMOID.stream()
                        : OTHERS.stream().map(shape -> with(activation, shape)));
        return shapes.flatMap(shape -> Stream.of(true, false).map(fromZeros -> new Check.Case(
                name(shape) + (fromZeros ? ", from zeros" : ", from a state"),
                (scope, oracle, comparison) -> {
                    Layer expected = Layer.on(oracle, shape, fromZeros);
                    Layer actual = Layer.on(scope, shape, fromZeros);
                    expected.forward();
                    actual.forward();
                    pass.compare(expected, actual, comparison);
                }))).toList();
    }

    private static String name(Lstm.Shape shape) {
        Lstm.Layers layers = shape.layers();
        return (shape.input().ids() ? "V " : "I ") + shape.input().columns() + ", H " + layers.hidden()
                + (layers.count() == 1 ? "" : ", L " + layers.count()) + ", T " + shape.steps() + ", B " + shape.batch()
                + (layers.recurrentActivation() == RecurrentActivation.SIGMOID ? ""
                        : ", " + layers.recurrentActivation().title().replace('_', ' '));
    }

    private static void forward(Layer expected, Layer actual, Comparison comparison) {
        comparison.agree("output", expected.output.read(), actual.output.read());
        if (expected.state != null && actual.state != null) {
            comparison.agree("hidden", expected.state.hidden().read(), actual.state.hidden().read());
            comparison.agree("cell", expected.state.cell().read(), actual.state.cell().read());
        }
    }

    private static void backward(Layer expected, Layer actual, Comparison comparison) {
        double[] flat = actual.backward();
        comparison.same("elements before the layer's", random(4, OFFSET, 9), Arrays.copyOf(flat, OFFSET));
        double[][] wanted = expected.unpack(expected.backward());
        double[][] got = actual.unpack(flat);
        List<String> names = List.of("kernel's gradient", "recurrent kernel's gradient", "bias' gradient");
        for (int i = 0; i < wanted.length; i++) {
            comparison.agree("layer " + (i / 3 + 1) + ", " + names.get(i % 3), wanted[i], got[i]);
        }
        if (expected.inputGradient != null && actual.inputGradient != null) {
            comparison.agree("input's gradient", expected.inputGradient.read(), actual.inputGradient.read());
        }
        if (expected.stateGradient != null && actual.stateGradient != null) {
            comparison.agree("first h's gradient", expected.stateGradient.hidden().read(),
                    actual.stateGradient.hidden().read());
            comparison.agree("first cell's gradient", expected.stateGradient.cell().read(),
                    actual.stateGradient.cell().read());
        }
    }
}
