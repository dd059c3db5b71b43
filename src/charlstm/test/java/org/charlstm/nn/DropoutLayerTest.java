package org.charlstm.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dropout in a model: of each batch, layer and seed its own, and in training alone. */
class DropoutLayerTest {
    private static final int STEPS = 4;
    private static final int BATCH = 3;
    private static final int SYMBOLS = 5;
    private static final RecurrentLayer LSTM = new RecurrentLayer(4);
    private static final ModelConfig PLAIN = ModelConfig.of(SYMBOLS, LSTM, LSTM);
    private static final ModelConfig DROPPING =
            ModelConfig.of(SYMBOLS, LSTM, new DropoutLayer(0.5), LSTM, new DropoutLayer(0.5));

    private static int[] ids(int seed) {
        return TrialMemory.randomIds(seed, STEPS * BATCH, SYMBOLS);
    }

    private static Weights weights(ModelConfig config) {
        return new Weights(config, Initializer.keras(PLAIN, 3).tensors());
    }

    private static double[] logits(ModelConfig config) {
        try (Device device = new ReferenceDevice();
                Model model = new Model(device, weights(config));
                Memory memory = device.memory()) {
            Network network = new Network(model, memory, STEPS, BATCH, false);
            Ints inputs = memory.ints(STEPS * BATCH);
            inputs.write(ids(1));
            network.forward(inputs, null);
            return network.logits().read();
        }
    }

    /** The losses of one batch again and again, from a batch's number on. */
    private static List<Double> losses(ModelConfig config, long seed, int from) {
        try (Device device = new ReferenceDevice();
                Model model = new Model(device, weights(config));
                Memory memory = device.memory()) {
            Network.MaskSeed masks = new Network.MaskSeed(seed, memory.ints(1));
            masks.batch().write(new int[] {from});
            Network network = new Network(model, memory, STEPS, BATCH, masks);
            Ints inputs = memory.ints(STEPS * BATCH);
            inputs.write(ids(1));
            Ints targets = memory.ints(STEPS * BATCH);
            targets.write(ids(2));
            Doubles totals = memory.doubles(Operations.TOTALS);
            Matrix gradients = model.flatBuffer(memory);
            List<Double> losses = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                totals.write(new double[Operations.TOTALS]);
                network.train(new Network.Batch(inputs, targets), totals, gradients);
                losses.add(totals.read()[0]);
            }
            return losses;
        }
    }

    @Test
    void isNothingInUse() {
        assertArrayEquals(logits(PLAIN), logits(DROPPING));
    }

    @Test
    void eachBatchHasMasksOfItsOwnThatANumberFinds() {
        List<Double> losses = losses(DROPPING, 7, 0);
        Set<Double> different = new HashSet<>(losses);
        different.addAll(losses(DROPPING, 8, 0));
        different.addAll(losses(PLAIN, 7, 0));
        assertEquals(7, different.size());
        assertEquals(losses.subList(1, 3), losses(DROPPING, 7, 1).subList(0, 2));
        assertEquals(losses(PLAIN, 7, 0), losses(PLAIN, 8, 5));
    }

    /** Layers alike with the same input would else drop the same. */
    @Test
    void eachLayerHasMasksOfItsOwn() {
        try (TrialMemory scope = TrialMemory.oracle()) {
            Matrix ones = scope.matrix(8, 8, ones());
            Matrix first = scope.matrix(8, 8);
            Matrix second = scope.matrix(8, 8);
            scope.operations().dropout(new Dropout(0.5, 1, 0), scope.ints(0), ones, first);
            scope.operations().dropout(new Dropout(0.5, 1, 1), scope.ints(0), ones, second);
            assertFalse(Arrays.equals(first.read(), second.read()));
        }
    }

    private static double[] ones() {
        double[] ones = new double[64];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Test
    void keepsTheShareThatItSays() {
        try (TrialMemory scope = TrialMemory.oracle()) {
            double[] ones = new double[100_000];
            Arrays.fill(ones, 1);
            Matrix matrix = scope.matrix(1000, 100, ones);
            scope.operations().dropout(new Dropout(0.2, 1, 0), scope.ints(0), matrix, matrix);
            double[] kept = matrix.read();
            assertEquals(0.8, Arrays.stream(kept).filter(value -> value != 0).count() / 1e5, 0.005);
            assertEquals(1, Arrays.stream(kept).average().orElseThrow(), 0.01);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, 1.5, 0.9999999, Double.NaN})
    void ratesThatAreNoneAreRefused(double rate) {
        assertThrows(IllegalArgumentException.class, () -> new DropoutLayer(rate));
    }
}
