package org.charlstm.device.gpu.rnn;

import static org.charlstm.selftest.TrialMemory.random;
import static org.charlstm.selftest.TrialMemory.randomIds;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.circle.Sampled;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.Matrix;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.gpu.Gpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The gradients of layers on ids by clusters, which have room for 127 symbols, agree with the plain kernels'. */
@Tag("long")
@Needs(Need.SIMULATED_GPU)
class ClusterGradientsTest {
    private static final int STEPS = 5;
    private static final int BATCH = 9;
    private static final int UNITS = 12;

    private static RecurrentCell cell(String name) {
        return switch (name) {
            case "lstm" -> RecurrentCell.Lstm.SIGMOID;
            case "gru" -> RecurrentCell.Gru.RESET_AFTER;
            default -> new RecurrentCell.Elman(Activation.TANH);
        };
    }

    /** The gradients of the weights, and of a first state where there is one. */
    private static List<double[]> gradients(String engine, RecurrentCell cell, int symbols, int count,
            boolean stateful) {
        Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(symbols), UNITS, count, cell);
        try (Device device = Gpu.device(Gpu.running(engine).withPrecision(Precision.BF16));
                TrialMemory scope = new TrialMemory(device)) {
            List<double[]> tensors = new ArrayList<>();
            for (int l = 0; l < count; l++) {
                tensors.add(random(10 * l + 1, layers.inputs(l) * layers.width(), 0.4));
                tensors.add(random(10 * l + 2, UNITS * layers.width(), 0.4));
                tensors.add(random(10 * l + 3, cell.biasRows() * layers.width(), 1));
            }
            Matrix weights = scope.flat(scope.operations().rnnLayout(layers), 0, tensors);
            Matrix output = scope.matrix(STEPS * BATCH, UNITS);
            Matrix gradients = scope.flat(new double[weights.columns()]);
            Input input = new Input.Ids(scope.ints(randomIds(7, STEPS * BATCH, symbols)));
            Rnn rnn = scope.operations().rnn(scope.memory(), new Rnn.Shape(layers, STEPS, BATCH, true), 0);
            Rnn.State state = stateful ? state(scope, cell, count) : null;
            Rnn.State ofState = stateful ? state(scope, cell, count) : null;
            rnn.forward(weights, input, state, output);
            rnn.backward(weights, input, output,
                    scope.matrix(STEPS * BATCH, UNITS, random(33, STEPS * BATCH * UNITS, 1)), null, ofState, gradients);
            List<double[]> results =
                    new ArrayList<>(List.of(scope.operations().rnnLayout(layers).unpack(gradients.read(), 0)));
            if (ofState != null) {
                results.add(ofState.hidden().read());
            }
            return results;
        }
    }

    private static Rnn.State state(TrialMemory scope, RecurrentCell cell, int count) {
        int n = count * BATCH * UNITS;
        return new Rnn.State(scope.matrix(count * BATCH, UNITS, random(31, n, 0.9)),
                cell.hasCell() ? scope.matrix(count * BATCH, UNITS, random(32, n, 0.9)) : null);
    }

    /** One symbol, all that there is room for, and one too many; with dL/dz for others, and without. */
    @ParameterizedTest
    @CsvSource({"lstm,1,1,false", "lstm,38,2,true", "lstm,127,1,false", "lstm,128,1,false", "gru,127,1,true",
        "gru,38,1,false", "gru,128,2,false", "tanh,38,2,false", "tanh,128,1,true"})
    @Sampled(every = 4)
    void agreeWithThePlainKernels(String cell, int symbols, int layers, boolean stateful) {
        List<double[]> expected = gradients("plain", cell(cell), symbols, layers, stateful);
        List<double[]> actual = gradients("cluster", cell(cell), symbols, layers, stateful);
        for (int i = 0; i < expected.size(); i++) {
            Agreement.require("result " + i, expected.get(i), actual.get(i), 0.06);
        }
    }
}
