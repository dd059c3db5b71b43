package org.charlstm.nn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.charlstm.Agreement;
import org.charlstm.device.Device;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.TestDevices;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The LSTM's forward pass against the formulas written gate by gate, and a split sequence against the whole. */
class LstmFormulaTest {
    private static final int V = 7;
    private static final int H = 5;
    private static final int T = 8;
    private static final int B = 3;
    private static final double[] KERNEL = random(1, V * 4 * H, 0.8);
    private static final double[] RECURRENT = random(2, H * 4 * H, 0.8);
    private static final double[] BIAS = random(3, 4 * H, 0.5);
    private static final int[] IDS = randomIds(4, T * B, V);

    /** One gate's sums for one sequence, from matrices of that gate alone. */
    private static double[] gate(int number, int id, double[] hidden) {
        double[][] w = new double[V][H];
        double[][] u = new double[H][H];
        for (int unit = 0; unit < H; unit++) {
            for (int v = 0; v < V; v++) {
                w[v][unit] = KERNEL[v * 4 * H + number * H + unit];
            }
            for (int k = 0; k < H; k++) {
                u[k][unit] = RECURRENT[k * 4 * H + number * H + unit];
            }
        }
        double[] oneHot = new double[V];
        oneHot[id] = 1;
        double[] sums = new double[H];
        for (int unit = 0; unit < H; unit++) {
            sums[unit] = BIAS[number * H + unit];
            for (int v = 0; v < V; v++) {
                sums[unit] += oneHot[v] * w[v][unit];
            }
            for (int k = 0; k < H; k++) {
                sums[unit] += hidden[k] * u[k][unit];
            }
        }
        return sums;
    }

    private static double sigmoid(RecurrentActivation activation, double x) {
        return switch (activation) {
            case SIGMOID -> 0.5 * (1 + Math.tanh(x / 2));
            case HARD_SIGMOID -> x < -2.5 ? 0 : x > 2.5 ? 1 : x / 5 + 0.5;
        };
    }

    @ParameterizedTest
    @EnumSource
    void theOracleFollowsTheFormulas(RecurrentActivation activation) {
        double[] expected = new double[T * B * H];
        for (int b = 0; b < B; b++) {
            double[] hidden = new double[H];
            double[] cell = new double[H];
            for (int t = 0; t < T; t++) {
                double[] i = gate(0, IDS[t * B + b], hidden);
                double[] f = gate(1, IDS[t * B + b], hidden);
                double[] c = gate(2, IDS[t * B + b], hidden);
                double[] o = gate(3, IDS[t * B + b], hidden);
                for (int unit = 0; unit < H; unit++) {
                    cell[unit] = sigmoid(activation, f[unit]) * cell[unit]
                            + sigmoid(activation, i[unit]) * Math.tanh(c[unit]);
                    hidden[unit] = sigmoid(activation, o[unit]) * Math.tanh(cell[unit]);
                    expected[(t * B + b) * H + unit] = hidden[unit];
                }
            }
        }
        try (TrialMemory oracle = TrialMemory.oracle()) {
            Agreement.require("output", expected, run(oracle, activation, 0, T, null), 1e-14);
        }
    }

    static Stream<Arguments> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all()).flatMap(
                device -> Stream.of(RecurrentActivation.values()).map(activation -> Arguments.of(device, activation)));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aSplitSequenceWithCarriedStateEqualsTheWhole(String device, RecurrentActivation activation) {
        try (Device opened = TestDevices.open(device); TrialMemory scope = new TrialMemory(opened)) {
            double[] whole = run(scope, activation, 0, T, null);
            Rnn.State state = new Rnn.State(scope.matrix(B, H), scope.matrix(B, H));
            double[] front = run(scope, activation, 0, 3, state);
            double[] back = run(scope, activation, 3, T, state);
            double[] joined = new double[whole.length];
            System.arraycopy(front, 0, joined, 0, front.length);
            System.arraycopy(back, 0, joined, front.length, back.length);
            // The same sums in the same order: not a bit may differ.
            Agreement.require("output", whole, joined, 0);
        }
    }

    private static double[] run(TrialMemory scope, RecurrentActivation activation, int from, int to, Rnn.State state) {
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(V), H, 1, new RecurrentCell.Lstm(activation));
        Matrix weights = scope.flat(scope.operations().rnnLayout(layers), 0, List.of(KERNEL, RECURRENT, BIAS));
        Input ids = new Input.Ids(scope.ints(Arrays.copyOfRange(IDS, from * B, to * B)));
        Matrix output = scope.matrix((to - from) * B, H);
        scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, to - from, B, false), 0)
                .forward(weights, ids, state, output);
        return output.read();
    }
}
