package org.charlstm.nn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.Device;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.TestDevices;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A sequence in two parts, with the state carried between them, against the whole. */
class SplitSequenceTest {
    private static final int V = 7;
    private static final int H = 5;
    private static final int T = 8;
    private static final int B = 3;
    private static final int[] IDS = randomIds(4, T * B, V);

    static Stream<Arguments> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all())
                .flatMap(device -> RecurrentCell.forms().stream().map(cell -> Arguments.of(device, cell)));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aSplitSequenceWithCarriedStateEqualsTheWhole(String device, RecurrentCell cell) {
        try (Device opened = TestDevices.open(device); TrialMemory scope = new TrialMemory(opened)) {
            double[] whole = run(scope, cell, 0, T, null);
            Rnn.State state = new Rnn.State(scope.matrix(B, H), cell.hasCell() ? scope.matrix(B, H) : null);
            double[] front = run(scope, cell, 0, 3, state);
            double[] back = run(scope, cell, 3, T, state);
            double[] joined = new double[whole.length];
            System.arraycopy(front, 0, joined, 0, front.length);
            System.arraycopy(back, 0, joined, front.length, back.length);
            // The same sums in the same order: not a bit may differ.
            Agreement.require("output", whole, joined, 0);
        }
    }

    private static double[] run(TrialMemory scope, RecurrentCell cell, int from, int to, Rnn.State state) {
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(V), H, 1, cell);
        int width = layers.width();
        Matrix weights = scope.flat(scope.operations().rnnLayout(layers), 0, List.of(random(1, V * width, 0.8),
                random(2, H * width, 0.8), random(3, cell.biasRows() * width, 0.5)));
        Input ids = new Input.Ids(scope.ints(Arrays.copyOfRange(IDS, from * B, to * B)));
        Matrix output = scope.matrix((to - from) * B, H);
        scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, to - from, B, false), 0)
                .forward(weights, ids, state, output);
        return output.read();
    }
}
