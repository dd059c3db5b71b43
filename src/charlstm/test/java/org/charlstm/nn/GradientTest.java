package org.charlstm.nn;

import module java.base;
import org.charlstm.Agreement;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.reference.ReferenceDevice;
import org.charlstm.selftest.TrialMemory;
import org.charlstm.selftest.models.TrialBatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle's gradients of every parameter against central differences, in double. */
class GradientTest {
    private static final double STEP = 1e-5;

    static Stream<ModelConfig> models() {
        return Stream.concat(lstms(),
                RecurrentCell.forms().stream().filter(cell -> !(cell instanceof RecurrentCell.Lstm)).flatMap(cell -> {
                    RecurrentLayer layer = new RecurrentLayer(4, cell);
                    DenseLayer tanh = new DenseLayer(3, Activation.TANH);
                    return Stream.of(ModelConfig.of(5, layer, layer, tanh),
                            ModelConfig.of(5, layer, new RecurrentLayer(2), tanh)
                                    .conditioned(3));
                }));
    }

    private static Stream<ModelConfig> lstms() {
        DenseLayer relu = new DenseLayer(3, Activation.RELU);
        RecurrentLayer lstm = new RecurrentLayer(4);
        DropoutLayer dropout = new DropoutLayer(0.3);
        ModelConfig stack = new ModelConfig(5,
                List.of(new EmbeddingLayer(3), dropout, lstm, new RecurrentLayer(2), dropout,
                        new DenseLayer(3, Activation.TANH), BatchNormLayer.KERAS, dropout,
                        new DenseLayer(5, Activation.LINEAR, true)));
        return Stream.of(Models.of(5, 4, 0), Models.of(5, 4, 3), Models.of(5, 4, 2, 3),
                Models.of(5, 4, 2, RecurrentActivation.HARD_SIGMOID, List.of(new DenseLayer(3, Activation.TANH))),
                ModelConfig.of(5, new EmbeddingLayer(3), lstm), ModelConfig.of(5, lstm, dropout, lstm, dropout, relu),
                ModelConfig.of(5, lstm, new DenseLayer(3, Activation.TANH), BatchNormLayer.KERAS),
                ModelConfig.of(5, lstm, new BatchNormLayer(0.5, 0.1), new RecurrentLayer(3), relu, relu),
                stack, stack.predicting(Prediction.LAST), Models.of(5, 4, 3).predicting(Prediction.LAST),
                ModelConfig.of(5, lstm, relu, lstm).predicting(Prediction.LAST),
                ModelConfig.of(5, lstm, relu).conditioned(3),
                new ModelConfig(5, List.of(new EmbeddingLayer(3), lstm, lstm, dropout, new RecurrentLayer(2),
                        new DenseLayer(3, Activation.TANH), new DenseLayer(5, Activation.LINEAR, true)))
                        .conditioned(2));
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyTensorsGradientIsTheSlopeOfTheLoss(ModelConfig config) {
        Weights weights = weights(config);
        TrialBatch batch = new TrialBatch(6, 3, TrialMemory.randomIds(1, 18, 5), TrialMemory.randomIds(2,
                3 * config.prediction().steps(6), 5));
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
                Agreement.require(gradient.name(), slopes, gradient.values(), 1e-7);
            }
        }
    }

    /** Larger than a model's first weights, lest slopes vanish in the loss' rounding. */
    private static Weights weights(ModelConfig config) {
        List<Tensor> tensors = new ArrayList<>();
        for (TensorSpec spec : config.tensors()) {
            tensors.add(new Tensor(spec.name(), spec.shape(),
                    TrialMemory.random(tensors.size(), (int) spec.size(), 0.8)));
        }
        return new Weights(config, tensors);
    }

    /** A copy of weights with one value changed. */
    private static Weights changed(Weights weights, int tensor, int index, double by) {
        List<Tensor> tensors = weights.tensors().stream()
                .map(t -> new Tensor(t.name(), t.shape(), t.values().clone())).toList();
        tensors.get(tensor).values()[index] += by;
        return new Weights(weights.config(), tensors);
    }
}
