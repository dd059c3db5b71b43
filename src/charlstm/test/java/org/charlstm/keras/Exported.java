package org.charlstm.keras;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Devices;
import org.charlstm.device.Ints;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Network;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;

/** Small models to export, and their outputs. */
final class Exported {
    private static final int STEPS = 9;

    private Exported() {
    }

    /** Several LSTM and dense layers, as they were before there were other kinds. */
    static SavedModel model(RecurrentActivation recurrentActivation) {
        return saved(Models.of(7, 4, 2, recurrentActivation, List.of(
                new DenseLayer(5, Activation.TANH), new DenseLayer(6, Activation.RELU))));
    }

    /** A layer of every kind, LSTM layers of two widths, and a last kernel that may be tied to the embeddings. */
    static SavedModel everyKind(boolean tied) {
        return saved(new ModelConfig(7, List.of(new EmbeddingLayer(3), new RecurrentLayer(4), new RecurrentLayer(4),
                new DropoutLayer(0.25), new RecurrentLayer(5), new DenseLayer(6, Activation.TANH),
                new BatchNormLayer(0.9, 0.01), new DenseLayer(3, Activation.RELU), BatchNormLayer.KERAS,
                new DenseLayer(7, Activation.LINEAR, tied))));
    }

    /** Two stacks of layers of these cells, one cell after the other. */
    static SavedModel ofCells(RecurrentCell... cells) {
        List<Layer> below = new ArrayList<>();
        for (RecurrentCell cell : cells) {
            below.addAll(List.of(new RecurrentLayer(4, cell), new RecurrentLayer(4, cell),
                    new RecurrentLayer(3, cell)));
        }
        return saved(ModelConfig.of(7, below));
    }

    private static SavedModel saved(ModelConfig config) {
        Weights weights = withBatchNorm(Initializer.keras(config, 1));
        if (config.tied()) {
            double[] kernel = weights.tensors().get(weights.tensors().size() - 2).values();
            for (int i = 0; i < kernel.length; i++) {
                kernel[i] = weights.tensors().getFirst().values()[i % 7 * 3 + i / 7];
            }
        }
        return new SavedModel(config, STEPS, Vocabulary.ofCharacters("abcde"), weights);
    }

    /** With other values in each array of batch normalisation and each bias than it begins with, and none the same. */
    static Weights withBatchNorm(Weights weights) {
        int number = 0;
        for (Tensor tensor : weights.tensors()) {
            boolean bias = tensor.name().endsWith(".bias");
            if (tensor.name().startsWith("batch_normalization") || bias) {
                for (int i = 0; i < tensor.values().length; i++) {
                    tensor.values()[i] += bias ? (++number % 64) / 256.0 : 0.125 * ++number;
                }
            }
        }
        return weights;
    }

    /** The logits after each of some ids. */
    static double[] logits(Weights weights, int... ids) {
        try (Device device = Devices.open("reference", DeviceOptions.DEFAULT);
                Model model = new Model(device, weights)) {
            Network network = new Network(model, device.memory(), ids.length, 1, false);
            Ints inputs = device.memory().ints(ids.length);
            inputs.write(ids);
            network.forward(inputs, null);
            return network.logits().read();
        }
    }

    /** The probabilities after each of some ids. */
    static double[] probabilities(Weights weights, int... ids) {
        double[] values = logits(weights, ids);
        int symbols = weights.config().symbols();
        for (int from = 0; from < values.length; from += symbols) {
            double sum = 0;
            for (int i = from; i < from + symbols; i++) {
                values[i] = Math.exp(values[i]);
                sum += values[i];
            }
            for (int i = from; i < from + symbols; i++) {
                values[i] /= sum;
            }
        }
        return values;
    }
}
