package org.charlstm.nn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle's LSTM on numbers: the same as on ids where they are one-hot, and dL/dx against central differences. */
class InputGradientTest {
    private static final int H = 4;
    private static final int T = 6;
    private static final int B = 3;
    private static final double STEP = 1e-5;

    private static List<double[]> tensors(Rnn.Layers layers) {
        List<double[]> tensors = new ArrayList<>();
        for (int l = 0; l < layers.count(); l++) {
            tensors.add(random(10 * l + 1, layers.inputs(l) * layers.width(), 0.8));
            tensors.add(random(10 * l + 2, H * layers.width(), 0.8));
            tensors.add(random(10 * l + 3, layers.cell().biasRows() * layers.width(), 0.5));
        }
        return tensors;
    }

    static Stream<Arguments> shapes() {
        RecurrentCell lstm = RecurrentCell.Lstm.SIGMOID;
        return Stream.concat(Stream.of(Arguments.of(1, lstm, 1), Arguments.of(7, lstm, 1)),
                RecurrentCell.forms().stream().map(cell -> Arguments.of(5, cell, 2)));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theInputsGradientIsTheSlopeOfTheLoss(int columns, RecurrentCell cell, int count) {
        Rnn.Shape shape = new Rnn.Shape(new Rnn.Layers(InputShape.ofMatrix(columns), H, count, cell), T, B, true);
        double[] x = random(4, T * B * columns, 1);
        double[] dh = random(5, T * B * H, 1);
        try (TrialMemory oracle = TrialMemory.oracle()) {
            Matrix weights = oracle.flat(oracle.operations().rnnLayout(shape.layers()), 0, tensors(shape.layers()));
            Rnn rnn = oracle.operations().rnn(oracle.memory(), shape, 0);
            Matrix input = oracle.matrix(T * B, columns, x);
            Matrix output = oracle.matrix(T * B, H);
            Matrix gradient = oracle.matrix(T * B, columns);
            Rnn.State state =
                    new Rnn.State(oracle.matrix(count * B, H), cell.hasCell() ? oracle.matrix(count * B, H) : null);
            double[] slopes = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                slopes[i] = (loss(rnn, weights, input, changed(x, i, STEP), state, output, dh)
                        - loss(rnn, weights, input, changed(x, i, -STEP), state, output, dh)) / (2 * STEP);
            }
            loss(rnn, weights, input, x, state, output, dh);
            rnn.backward(weights, new Input.Dense(input), output, oracle.matrix(T * B, H, dh), gradient,
                    oracle.flat(new double[weights.columns()]));
            Agreement.require("input's gradient", slopes, gradient.read(), count == 1 ? 1e-8 : 1e-7);
        }
    }

    private static double[] changed(double[] values, int index, double by) {
        double[] changed = values.clone();
        changed[index] += by;
        return changed;
    }

    /** The loss whose gradient is dL/dh, from a state that is not zero. */
    private static double loss(Rnn rnn, Matrix weights, Matrix input, double[] x, Rnn.State state, Matrix output,
            double[] dh) {
        input.write(x);
        for (Matrix part : state.parts()) {
            part.write(random(6, part.rows() * part.columns(), 0.9));
        }
        rnn.forward(weights, new Input.Dense(input), state, output);
        double[] h = output.read();
        double loss = 0;
        for (int i = 0; i < h.length; i++) {
            loss += h[i] * dh[i];
        }
        return loss;
    }

    static Stream<RecurrentCell> cells() {
        return RecurrentCell.forms().stream();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void oneHotNumbersAreIds(RecurrentCell cell) {
        int symbols = 5;
        int[] ids = randomIds(8, T * B, symbols);
        double[] oneHot = new double[T * B * symbols];
        for (int i = 0; i < ids.length; i++) {
            oneHot[i * symbols + ids[i]] = 1;
        }
        try (TrialMemory oracle = TrialMemory.oracle()) {
            double[] expected = output(oracle, InputShape.ofIds(symbols), cell, new Input.Ids(oracle.ints(ids)));
            double[] actual = output(oracle, InputShape.ofMatrix(symbols), cell,
                    new Input.Dense(oracle.matrix(T * B, symbols, oneHot)));
            Agreement.require("output", expected, actual, 1e-14);
        }
    }

    private static double[] output(TrialMemory oracle, InputShape shape, RecurrentCell cell, Input input) {
        Rnn.Layers layers = new Rnn.Layers(shape, H, 2, cell);
        Matrix weights = oracle.flat(oracle.operations().rnnLayout(layers), 0, tensors(layers));
        Matrix output = oracle.matrix(T * B, H);
        oracle.operations().rnn(oracle.memory(), new Rnn.Shape(layers, T, B, false), 0)
                .forward(weights, input, null, output);
        return output.read();
    }
}
