package org.charlstm.nn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

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
import org.junit.jupiter.params.provider.EnumSource;

/** The LSTM's forward pass against the formulas written gate by gate. */
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
            Agreement.require("output", expected, run(oracle, activation), 1e-14);
        }
    }

    private static double[] run(TrialMemory oracle, RecurrentActivation activation) {
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(V), H, 1, new RecurrentCell.Lstm(activation));
        Matrix weights = oracle.flat(oracle.operations().rnnLayout(layers), 0, List.of(KERNEL, RECURRENT, BIAS));
        Matrix output = oracle.matrix(T * B, H);
        oracle.operations().rnn(oracle.memory(), new Rnn.Shape(layers, T, B, false), 0)
                .forward(weights, new Input.Ids(oracle.ints(IDS)), null, output);
        return output.read();
    }
}
