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
 * The layers of a model, whatever its symbols: an embedding, if any; LSTM layers, with dropout after each, if any;
 * middle layers, each of which a ReLU follows and then batch normalisation, if any; and the logits.
 *
 * @param embedding           units of the embedding, or 0 for one-hot symbols
 * @param hidden              units of each LSTM layer, the lowest first
 * @param recurrentActivation what makes the LSTM's gates
 * @param dropout             the share of what each LSTM layer gives that is dropped in training
 * @param dense               units of each middle layer, the lowest first; none to leave them out
 * @param batchNorm           whether batch normalisation follows each middle layer, as Keras has it
 * @param tied                whether the last layer's kernel is the transpose of the embeddings
 * @param prediction          at which steps it predicts
 * @param features            numbers that a caption is about, for a projection to the state before it; 0 for none
 */
public record Architecture(int embedding, List<Integer> hidden, RecurrentActivation recurrentActivation,
        double dropout, List<Integer> dense, boolean batchNorm, boolean tied, Prediction prediction, int features) {
    /** The lab's. */
    public static final Architecture LAB = new Architecture(0, List.of(ModelConfig.LAB_UNITS),
            RecurrentActivation.SIGMOID, 0, List.of(ModelConfig.LAB_UNITS), false, false, Prediction.ALL, 0);

    /** Refuses what no model has; what its sizes do not allow, {@link #model} refuses. */
    public Architecture {
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
    public Architecture sized(int units, int lstmLayers, int denseUnits) {
        return new Architecture(embedding, Collections.nCopies(Math.max(0, lstmLayers), units), recurrentActivation,
                dropout, denseUnits == 0 ? List.of() : List.of(denseUnits), batchNorm, tied, prediction, features);
    }

    /** The same with other gates. */
    public Architecture gates(RecurrentActivation activation) {
        return new Architecture(embedding, hidden, activation, dropout, dense, batchNorm, tied, prediction, features);
    }

    /**
     * The same for captions that are about something.
     *
     * @param numbers of each caption; 0 for nothing
     */
    public Architecture conditioned(int numbers) {
        return new Architecture(embedding, hidden, recurrentActivation, dropout, dense, batchNorm, tied, prediction,
                numbers);
    }

    /**
     * The model that it makes.
     *
     * @param symbols V, start and end included
     * @throws IllegalArgumentException if they make no model, or one too large for any buffer
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
