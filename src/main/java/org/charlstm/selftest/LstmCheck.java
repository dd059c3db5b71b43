package org.charlstm.selftest;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.device.Ints;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.WeightLayout;

/** LSTM layers, from zeros and from a state. */
final class LstmCheck {
    /** Something else lies before the layer's weights and must stay untouched. */
    private static final int OFFSET = 32;
    /** c~ among i, f, c~, o. */
    private static final int CANDIDATE = 2;
    private static final List<LstmShape> SHAPES = List.of(
            new LstmShape(1, 1, 1, 1, 1, true), new LstmShape(3, 1, 1, 3, 37, true),
            new LstmShape(37, 3, 1, 3, 3, true), new LstmShape(3, 37, 1, 9, 17, true),
            new LstmShape(129, 129, 1, 3, 37, true), new LstmShape(37, 16, 1, 37, 1, true),
            new LstmShape(38, 128, 1, 17, 48, true), new LstmShape(38, 128, 1, 173, 24, true),
            new LstmShape(5, 3, 2, 4, 2, true), new LstmShape(3, 37, 3, 9, 17, true),
            new LstmShape(38, 64, 2, 19, 16, true), hard(3, 1, 1, 5, 3), hard(37, 3, 1, 3, 37),
            hard(129, 129, 1, 3, 37), hard(5, 37, 1, 1, 1), hard(38, 64, 1, 9, 17), hard(3, 37, 3, 9, 17));

    private static LstmShape hard(int symbols, int hidden, int layers, int steps, int batch) {
        return new LstmShape(symbols, hidden, layers, RecurrentActivation.HARD_SIGMOID, steps, batch, true);
    }

    /** Layers on one device, with their weights and buffers. */
    private record Layer(TrialMemory scope, LstmShape shape, boolean fromZeros, Lstm lstm, Matrix weights, Ints ids,
            LstmState state, Matrix output) {
        static Layer on(TrialMemory scope, LstmShape shape, boolean fromZeros) {
            int V = shape.symbols();
            int H = shape.hidden();
            int B = shape.batch();
            int L = shape.layers();
            List<double[]> tensors = new ArrayList<>();
            for (int l = 0; l < L; l++) {
                int inputs = l == 0 ? V : H;
                tensors.add(random(20 * l + 1, inputs * 4 * H, l == 0 ? 0.5 : 1.5 / Math.sqrt(H)));
                tensors.add(random(20 * l + 2, H * 4 * H, 1.5 / Math.sqrt(H)));
                tensors.add(bias(shape, 20 * l + 3));
            }
            Matrix weights = scope.flat(scope.operations().lstmLayout(V, H, L, shape.recurrentActivation()), OFFSET,
                    tensors);
            LstmState state = fromZeros ? null : new LstmState(scope.matrix(L * B, H, random(6, L * B * H, 0.9)),
                    scope.matrix(L * B, H, random(7, L * B * H, 2)));
            Lstm lstm = scope.operations().lstm(scope.memory(), shape, OFFSET);
            return new Layer(scope, shape, fromZeros, lstm, weights,
                    scope.ints(randomIds(5, shape.steps() * B, V)), state, scope.matrix(shape.steps() * B, H));
        }

        /**
         * Of the gates that are hard sigmoids, a third is clipped at 0 and a third at 1, at every step, and no other
         * comes near: where it did, a rounding would decide whether a gradient passes.
         */
        private static double[] bias(LstmShape shape, int seed) {
            int H = shape.hidden();
            double[] bias = random(seed, 4 * H, 0.5);
            if (shape.recurrentActivation() == RecurrentActivation.HARD_SIGMOID) {
                int[] thirds = randomIds(seed, 4 * H, 3);
                for (int j = 0; j < 4 * H; j++) {
                    bias[j] += j / H == CANDIDATE ? 0 : 5 * (thirds[j] - 1);
                }
            }
            return bias;
        }

        void forward() {
            lstm.forward(weights, ids, state, output);
        }

        /** The flat gradients, where something else was before. */
        double[] backward() {
            Matrix gradients = scope.flat(random(4, weights.columns(), 9));
            int rows = shape.steps() * shape.batch();
            lstm.backward(weights, ids, output,
                    scope.matrix(rows, shape.hidden(), random(8, rows * shape.hidden(), 1)), gradients);
            return gradients.read();
        }

        double[][] unpack(double[] flat) {
            WeightLayout layout = scope.operations().lstmLayout(shape.symbols(), shape.hidden(),
                    shape.layers(), shape.recurrentActivation());
            return layout.unpack(flat, OFFSET);
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
        return SHAPES.stream().flatMap(shape -> Stream.of(true, false).map(fromZeros -> new Check.Case(
                "V " + shape.symbols() + ", H " + shape.hidden()
                        + (shape.layers() == 1 ? "" : ", L " + shape.layers()) + ", T " + shape.steps() + ", B "
                        + shape.batch()
                        + (shape.recurrentActivation() == RecurrentActivation.SIGMOID ? "" : ", hard sigmoid")
                        + (fromZeros ? ", from zeros" : ", from a state"),
                (scope, oracle, comparison) -> {
                    Layer expected = Layer.on(oracle, shape, fromZeros);
                    Layer actual = Layer.on(scope, shape, fromZeros);
                    expected.forward();
                    actual.forward();
                    pass.compare(expected, actual, comparison);
                }))).toList();
    }

    private static void forward(Layer expected, Layer actual, Comparison comparison) {
        comparison.agree("output", expected.output.read(), actual.output.read());
        if (!expected.fromZeros) {
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
    }
}
