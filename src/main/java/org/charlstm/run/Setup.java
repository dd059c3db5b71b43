package org.charlstm.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.Layer;
import org.charlstm.nn.LstmLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Weights;
import org.charlstm.train.TrainingOptions;

/**
 * The hyperparameters of a run: the sizes of a model that is made for it, and how it is trained.
 *
 * @param hidden              units of each LSTM layer
 * @param layers              LSTM layers
 * @param dense               units of the middle layer, which a ReLU follows, or 0 to leave it out
 * @param recurrentActivation what makes the LSTM's gates
 * @param epochs              passes over the text; 0 keeps the initial weights
 * @param training            batch size, learning rate and so on
 * @param initial             what the weights of such a model are at first
 * @param stopping            which epoch is the best, and when a run ends before its last
 */
public record Setup(int hidden, int layers, int dense, RecurrentActivation recurrentActivation, int epochs,
        TrainingOptions training, InitialWeights initial, EarlyStopping stopping) {
    /** The lab's, for ten epochs. */
    public static final Setup LAB = new Setup(ModelConfig.LAB_UNITS, 1, ModelConfig.LAB_UNITS,
            RecurrentActivation.SIGMOID, 10, TrainingOptions.DEFAULT);

    /**
     * A setup with Keras' initial weights that trains all of its epochs.
     *
     * @param hidden              units of each LSTM layer
     * @param layers              LSTM layers
     * @param dense               units of the middle layer, or 0 to leave it out
     * @param recurrentActivation what makes the LSTM's gates
     * @param epochs              passes over the text
     * @param training            batch size, learning rate and so on
     */
    public Setup(int hidden, int layers, int dense, RecurrentActivation recurrentActivation, int epochs,
            TrainingOptions training) {
        this(hidden, layers, dense, recurrentActivation, epochs, training, InitialWeights.KERAS, EarlyStopping.NEVER);
    }

    /** Refuses a number of epochs below 0. */
    public Setup {
        if (epochs < 0) {
            throw new IllegalArgumentException(epochs + " epochs; there must be 0 or more");
        }
    }

    /**
     * The same with a model of other sizes.
     *
     * @param units      of each LSTM layer
     * @param lstmLayers how many there are
     * @param denseUnits of the middle layer, or 0 to leave it out
     * @return another setup
     */
    public Setup sized(int units, int lstmLayers, int denseUnits) {
        return new Setup(units, lstmLayers, denseUnits, recurrentActivation, epochs, training, initial, stopping);
    }

    /**
     * The same for another time.
     *
     * @param number of epochs
     * @return another setup
     */
    public Setup epochs(int number) {
        return new Setup(hidden, layers, dense, recurrentActivation, number, training, initial, stopping);
    }

    /**
     * The same, trained in another way.
     *
     * @param options batch size, learning rate and so on
     * @return another setup
     */
    public Setup training(TrainingOptions options) {
        return new Setup(hidden, layers, dense, recurrentActivation, epochs, options, initial, stopping);
    }

    /**
     * The same, ended in another way.
     *
     * @param other when a run ends before its last epoch
     * @return another setup
     */
    public Setup stopping(EarlyStopping other) {
        return new Setup(hidden, layers, dense, recurrentActivation, epochs, training, initial, other);
    }

    /**
     * The same that begins in another way.
     *
     * @param other what the weights are at first
     * @return another setup
     */
    public Setup initial(InitialWeights other) {
        return new Setup(hidden, layers, dense, recurrentActivation, epochs, training, other, stopping);
    }

    /** Whether a run keeps its best model. */
    boolean keepsBest(TrainingText text) {
        return stopping.keepsBest(text);
    }

    /**
     * The model that it makes.
     *
     * @param symbols V, start and end included
     * @return its sizes
     * @throws IllegalArgumentException if they make no model, or one too large for any buffer
     */
    public ModelConfig model(int symbols) {
        if (layers < 1 || layers > ModelConfig.MAX_LAYERS) {
            throw new IllegalArgumentException("a model of " + layers + " LSTM layers; there must be from 1 to "
                    + ModelConfig.MAX_LAYERS);
        }
        List<Layer> below = new ArrayList<>(Collections.nCopies(layers, new LstmLayer(hidden, recurrentActivation)));
        if (dense > 0) {
            below.add(new DenseLayer(dense, Activation.RELU));
        }
        return ModelConfig.of(symbols, below);
    }

    /**
     * The model that it starts from.
     *
     * @param symbols V, start and end included
     * @return its initial weights, from the seed
     */
    public Weights weights(int symbols) {
        return initial.weights(model(symbols), training.seed());
    }
}
