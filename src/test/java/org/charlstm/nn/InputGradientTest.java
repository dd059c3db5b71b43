package org.charlstm.nn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.Agreement;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The oracle's LSTM on numbers: the same as on ids where they are one-hot, and dL/dx against central differences. */
class InputGradientTest {
    private static final int H = 4;
    private static final int T = 6;
    private static final int B = 3;
    private static final double STEP = 1e-5;

    private static List<double[]> tensors(Rnn.Layers layers) {
        List<double[]> tensors = new ArrayList<>();
        for (int l = 0; l < layers.count(); l++) {
            tensors.add(random(10 * l + 1, layers.inputs(l) * 4 * H, 0.8));
            tensors.add(random(10 * l + 2, H * 4 * H, 0.8));
            tensors.add(random(10 * l + 3, 4 * H, 0.5));
        }
        return tensors;
    }

    @ParameterizedTest
    @CsvSource({"1, SIGMOID, 1", "7, SIGMOID, 1", "5, SIGMOID, 2", "3, HARD_SIGMOID, 2"})
    void theInputsGradientIsTheSlopeOfTheLoss(int columns, RecurrentActivation gates, int count) {
        Rnn.Shape shape = new Rnn.Shape(
                new Rnn.Layers(InputShape.ofMatrix(columns), H, count, new RecurrentCell.Lstm(gates)), T, B, true);
        double[] x = random(4, T * B * columns, 1);
        double[] dh = random(5, T * B * H, 1);
        try (TrialMemory oracle = TrialMemory.oracle()) {
            Matrix weights = oracle.flat(oracle.operations().rnnLayout(shape.layers()), 0, tensors(shape.layers()));
            Rnn lstm = oracle.operations().rnn(oracle.memory(), shape, 0);
            Matrix input = oracle.matrix(T * B, columns, x);
            Matrix output = oracle.matrix(T * B, H);
            Matrix gradient = oracle.matrix(T * B, columns);
            Rnn.State state = new Rnn.State(oracle.matrix(count * B, H), oracle.matrix(count * B, H));
            double[] slopes = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                slopes[i] = (loss(lstm, weights, input, changed(x, i, STEP), state, output, dh)
                        - loss(lstm, weights, input, changed(x, i, -STEP), state, output, dh)) / (2 * STEP);
            }
            loss(lstm, weights, input, x, state, output, dh);
            lstm.backward(weights, new Input.Dense(input), output, oracle.matrix(T * B, H, dh), gradient,
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
    private static double loss(Rnn lstm, Matrix weights, Matrix input, double[] x, Rnn.State state, Matrix output,
            double[] dh) {
        input.write(x);
        state.hidden().write(random(6, state.hidden().read().length, 0.9));
        state.cell().write(random(7, state.cell().read().length, 2));
        lstm.forward(weights, new Input.Dense(input), state, output);
        double[] h = output.read();
        double loss = 0;
        for (int i = 0; i < h.length; i++) {
            loss += h[i] * dh[i];
        }
        return loss;
    }

    @ParameterizedTest
    @EnumSource
    void oneHotNumbersAreIds(RecurrentActivation gates) {
        int symbols = 5;
        int[] ids = randomIds(8, T * B, symbols);
        double[] oneHot = new double[T * B * symbols];
        for (int i = 0; i < ids.length; i++) {
            oneHot[i * symbols + ids[i]] = 1;
        }
        try (TrialMemory oracle = TrialMemory.oracle()) {
            double[] expected = output(oracle, InputShape.ofIds(symbols), gates, new Input.Ids(oracle.ints(ids)));
            double[] actual = output(oracle, InputShape.ofMatrix(symbols), gates,
                    new Input.Dense(oracle.matrix(T * B, symbols, oneHot)));
            Agreement.require("output", expected, actual, 1e-14);
        }
    }

    private static double[] output(TrialMemory oracle, InputShape shape, RecurrentActivation gates, Input input) {
        Rnn.Layers layers = new Rnn.Layers(shape, H, 2, new RecurrentCell.Lstm(gates));
        Matrix weights = oracle.flat(oracle.operations().rnnLayout(layers), 0, tensors(layers));
        Matrix output = oracle.matrix(T * B, H);
        oracle.operations().rnn(oracle.memory(), new Rnn.Shape(layers, T, B, false), 0)
                .forward(weights, input, null, output);
        return output.read();
    }
}
