package org.charlstm.run;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Activation;
import org.charlstm.device.Dropout;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.RecurrentLayer;

/**
 * The layers of a model for any number of symbols, the lowest first: an optional embedding; recurrent layers, each with
 * optional dropout; dense middle layers with ReLU, each with optional batch normalisation; and the dense layer of the
 * logits.
 *
 * @param embedding the embedding's units; 0 for none
 * @param hidden    the units of the recurrent layers
 * @param dropout   the rate of dropout; 0 for none
 * @param dense     the units of the middle layers
 * @param tied      whether the last layer's kernel is the transpose of the embeddings
 * @param features  the features of each caption, projected to the initial state; 0 for none
 */
public record ModelLayers(int embedding, List<Integer> hidden, RecurrentCell cell, double dropout, List<Integer> dense,
        boolean batchNorm, boolean tied, Prediction prediction, int features) {
    /** The lab's layers. */
    public static final ModelLayers LAB = new ModelLayers(0, List.of(ModelConfig.LAB_UNITS),
            RecurrentCell.Lstm.SIGMOID, 0, List.of(ModelConfig.LAB_UNITS), false, false, Prediction.ALL, 0);

    /** Refuses layers that fit no model; {@link #model} checks the sizes. */
    public ModelLayers {
        hidden = List.copyOf(hidden);
        dense = List.copyOf(dense);
        Dropout.requireRate(dropout);
        Refuse.argumentIf(hidden.isEmpty() || hidden.size() > ModelConfig.MAX_LAYERS,
                "a model of " + hidden.size() + " recurrent layers; there must be from 1 to " + ModelConfig.MAX_LAYERS);
        Refuse.argumentIf(embedding < 0, "an embedding of " + embedding + " units; there must be 0 or more");
        Refuse.argumentIf(batchNorm && dense.isEmpty(),
                "batch normalisation follows middle layers, and the model has none");
        int below = (dense.isEmpty() ? hidden : dense).getLast();
        Refuse.argumentIf(tied && embedding != below, "the last layer can be tied to an embedding of as many units as "
                + "it takes, " + below + ", not " + (embedding == 0 ? "to none" : embedding));
    }

    /** The same with other sizes; with 0 dense units there is no middle layer. */
    public ModelLayers sized(int units, int layers, int denseUnits) {
        return new ModelLayers(embedding, Collections.nCopies(Math.max(0, layers), units), cell,
                dropout, denseUnits == 0 ? List.of() : List.of(denseUnits), batchNorm, tied, prediction, features);
    }

    /** The same with another cell. */
    public ModelLayers of(RecurrentCell other) {
        return new ModelLayers(embedding, hidden, other, dropout, dense, batchNorm, tied, prediction, features);
    }

    /** The same for captions with features; 0 for none. */
    public ModelLayers conditioned(int numbers) {
        return new ModelLayers(embedding, hidden, cell, dropout, dense, batchNorm, tied, prediction, numbers);
    }

    /**
     * A model of these layers for V symbols, start and end included. Throws {@link IllegalArgumentException} if the
     * sizes are invalid, or too large for a buffer.
     */
    public ModelConfig model(int symbols) {
        List<Layer> layers = new ArrayList<>();
        if (embedding > 0) {
            layers.add(new EmbeddingLayer(embedding));
        }
        for (int units : hidden) {
            layers.add(new RecurrentLayer(units, cell));
            if (dropout > 0) {
                layers.add(new DropoutLayer(dropout));
            }
        }
        for (int units : dense) {
            layers.add(new DenseLayer(units, Activation.RELU));
            if (batchNorm) {
                layers.add(BatchNormLayer.KERAS);
            }
        }
        layers.add(new DenseLayer(symbols, Activation.LINEAR, tied));
        return new ModelConfig(symbols, layers, prediction, features);
    }
}
