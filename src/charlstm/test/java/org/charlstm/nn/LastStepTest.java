package org.charlstm.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.device.TestDevices;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.selftest.models.TrialBatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Predicting the last step alone equals predicting all steps where only the last counts. */
class LastStepTest {
    private static final int SYMBOLS = 11;
    private static final int STEPS = 7;
    private static final int BATCH = 5;
    private static final int[] IDS = TrialMemory.randomIds(1, STEPS * BATCH, SYMBOLS);

    private static Weights last(Weights weights) {
        return new Weights(weights.config().predicting(Prediction.LAST), weights.tensors());
    }

    private static Ints ints(Memory memory, int... values) {
        Ints ints = memory.ints(values.length);
        ints.write(values);
        return ints;
    }

    @ParameterizedTest
    @MethodSource("org.charlstm.device.TestDevices#all")
    void lossAndGradientsAreThoseOfAllStepsButTheLastLeftOut(String name) {
        Weights weights = Initializer.keras(ModelConfig.of(SYMBOLS, new RecurrentLayer(9),
                new DenseLayer(6, Activation.TANH), new RecurrentLayer(8), new DenseLayer(7, Activation.RELU)), 3);
        int[] next = TrialMemory.randomIds(2, BATCH, SYMBOLS);
        int[] masked = new int[STEPS * BATCH];
        Arrays.fill(masked, Padding.NONE);
        System.arraycopy(next, 0, masked, (STEPS - 1) * BATCH, BATCH);
        try (Device device = TestDevices.open(name);
                Model model = new Model(device, weights);
                Memory memory = device.memory()) {
            Matrix gradients = model.flatBuffer(memory);
            Doubles totals = memory.doubles(Operations.TOTALS);
            Doubles count = memory.doubles(1);
            count.write(new double[] {BATCH});
            new Network(model, memory, STEPS, BATCH, true).train(new Network.Batch(ints(memory, IDS),
                    ints(memory, masked), null, count), totals, gradients);
            TrialBatch.Result actual = new TrialBatch(STEPS, BATCH, IDS, next).run(device, last(weights));
            assertEquals(totals.read()[0] / BATCH, actual.loss(), 1e-5);
            List<Tensor> expected = model.unpack(gradients).tensors();
            for (int i = 0; i < expected.size(); i++) {
                Agreement.require(expected.get(i).name(), expected.get(i).values(),
                        actual.gradients().tensors().get(i).values(), 1e-5);
            }
        }
    }

    /** With moving means and variances, and without dropout. */
    @ParameterizedTest
    @MethodSource("org.charlstm.device.TestDevices#all")
    void logitsAreThoseOfTheLastStep(String name) {
        Weights weights = Initializer.keras(ModelConfig.of(SYMBOLS, new EmbeddingLayer(4), new RecurrentLayer(9),
                new RecurrentLayer(9), new DropoutLayer(0.5), new DenseLayer(6, Activation.RELU), BatchNormLayer.KERAS),
                4);
        try (Device device = TestDevices.open(name);
                Model all = new Model(device, weights);
                Model model = new Model(device, last(weights));
                Memory memory = device.memory()) {
            Network every = new Network(all, memory, STEPS, BATCH, false);
            Network network = new Network(model, memory, STEPS, BATCH, false);
            Ints ids = ints(memory, IDS);
            NetworkState state = network.newState(memory);
            NetworkState before = every.newState(memory);
            for (int time = 0; time < 2; time++) {
                every.forward(ids, before);
                network.forward(ids, state);
                double[] logits = every.logits().read();
                Agreement.require("logits", Arrays.copyOfRange(logits, logits.length - BATCH * SYMBOLS, logits.length),
                        network.logits().read(), 1e-6);
            }
            Network single = new Network(model, memory, 1, BATCH, false);
            single.forward(ints(memory, Arrays.copyOf(IDS, BATCH)), null);
            assertEquals(BATCH, single.logits().rows());
        }
    }
}
