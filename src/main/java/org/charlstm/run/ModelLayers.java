package org.charlstm.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Dropout;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Layer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;

/**
 * The layers of a model for any number of symbols: an embedding, if any; LSTM layers, each with dropout if any; dense
 * middle layers with ReLU, each with batch normalisation if any; and the logits.
 *
 * @param embedding           units of the embedding, or 0 for one-hot symbols
 * @param hidden              units of each LSTM layer, the lowest first
 * @param recurrentActivation of the LSTM's gates
 * @param dropout             the rate after each LSTM layer, 0 for none
 * @param dense               units of each middle layer, the lowest first; may be empty
 * @param batchNorm           whether batch normalisation follows each middle layer, as Keras has it
 * @param tied                whether the last layer's kernel is the transpose of the embeddings
 * @param features            of each caption, projected to the LSTM's first state; 0 for none
 */
public record ModelLayers(int embedding, List<Integer> hidden, RecurrentActivation recurrentActivation,
        double dropout, List<Integer> dense, boolean batchNorm, boolean tied, Prediction prediction, int features) {
    /** The lab's. */
    public static final ModelLayers LAB = new ModelLayers(0, List.of(ModelConfig.LAB_UNITS),
            RecurrentActivation.SIGMOID, 0, List.of(ModelConfig.LAB_UNITS), false, false, Prediction.ALL, 0);

    /** Refuses layers that fit no model; {@link #model} refuses sizes. */
    public ModelLayers {
        hidden = List.copyOf(hidden);
        dense = List.copyOf(dense);
        Dropout.requireRate(dropout);
        if (hidden.isEmpty() || hidden.size() > ModelConfig.MAX_LAYERS) {
            throw new IllegalArgumentException("a model of " + hidden.size() + " LSTM layers; there must be from 1 to "
                    + ModelConfig.MAX_LAYERS);
        }
        if (embedding < 0) {
            throw new IllegalArgumentException("an embedding of " + embedding + " units; there must be 0 or more");
        }
        if (batchNorm && dense.isEmpty()) {
            throw new IllegalArgumentException("batch normalisation follows middle layers, and the model has none");
        }
        if (tied && embedding != (dense.isEmpty() ? hidden : dense).getLast()) {
            throw new IllegalArgumentException("the last layer can be tied to an embedding of as many units as it "
                    + "takes, " + (dense.isEmpty() ? hidden : dense).getLast() + ", not "
                    + (embedding == 0 ? "to none" : embedding));
        }
    }

    /**
     * The same in other sizes.
     *
     * @param denseUnits  of the middle layer, or 0 to leave it out
     */
    public ModelLayers sized(int units, int lstmLayers, int denseUnits) {
        return new ModelLayers(embedding, Collections.nCopies(Math.max(0, lstmLayers), units), recurrentActivation,
                dropout, denseUnits == 0 ? List.of() : List.of(denseUnits), batchNorm, tied, prediction, features);
    }

    /** The same with other gates. */
    public ModelLayers gates(RecurrentActivation activation) {
        return new ModelLayers(embedding, hidden, activation, dropout, dense, batchNorm, tied, prediction, features);
    }

    /** The same for captions with so many features; 0 for none. */
    public ModelLayers conditioned(int numbers) {
        return new ModelLayers(embedding, hidden, recurrentActivation, dropout, dense, batchNorm, tied, prediction,
                numbers);
    }

    /**
     * A model of these layers.
     *
     * @param symbols V, start and end included
     * @throws IllegalArgumentException if the sizes are invalid, or too large for any buffer
     */
    public ModelConfig model(int symbols) {
        List<Layer> layers = new ArrayList<>();
        if (embedding > 0) {
            layers.add(new EmbeddingLayer(embedding));
        }
        for (int units : hidden) {
            layers.add(new LstmLayer(units, recurrentActivation));
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
