package org.charlstm.nn;

import java.util.List;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.selftest.Batch;
import org.charlstm.selftest.TrialMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The oracle's gradients of every parameter against central differences, in double. */
class GradientTest {
    private static final double STEP = 1e-5;

    @ParameterizedTest
    @CsvSource({"1, SIGMOID, 3, RELU", "1, SIGMOID, 0, RELU", "2, SIGMOID, 3, RELU", "2, HARD_SIGMOID, 3, TANH"})
    void everyTensorsGradientIsTheSlopeOfTheLoss(int layers, RecurrentActivation gates, int dense,
            Activation activation) {
        ModelConfig config = Models.of(5, 4, layers, gates,
                dense == 0 ? List.of() : List.of(new DenseLayer(dense, activation)));
        Weights weights = Initializer.keras(config, 3);
        Batch batch = new Batch(6, 3, TrialMemory.randomIds(1, 18, 5), TrialMemory.randomIds(2, 18, 5));
        try (Device oracle = new ReferenceDevice()) {
            Weights gradients = batch.run(oracle, weights).gradients();
            for (int i = 0; i < weights.tensors().size(); i++) {
                double[] slopes = new double[weights.tensors().get(i).values().length];
                for (int j = 0; j < slopes.length; j++) {
                    double up = batch.run(oracle, changed(weights, i, j, STEP)).loss();
                    double down = batch.run(oracle, changed(weights, i, j, -STEP)).loss();
                    slopes[j] = (up - down) / (2 * STEP);
                }
                Tensor gradient = gradients.tensors().get(i);
                Agreement.require(gradient.name(), slopes, gradient.values(), layers == 1 ? 1e-8 : 1e-7);
            }
        }
    }

    /** A copy of weights with one value changed. */
    private static Weights changed(Weights weights, int tensor, int index, double by) {
        List<Tensor> tensors = weights.tensors().stream()
                .map(t -> new Tensor(t.name(), t.shape(), t.values().clone())).toList();
        tensors.get(tensor).values()[index] += by;
        return new Weights(weights.config(), tensors);
    }
}
