package org.charlstm.run;

import org.charlstm.base.Refuse;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.UpdateRule;
import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Weights;
import org.charlstm.train.TrainingOptions;

/** The hyperparameters of a run; with 0 epochs the run keeps the initial weights. */
public record Setup(ModelLayers layers, int epochs, TrainingOptions training, InitialWeights initial,
        EarlyStopping stopping) {
    /** The lab's hyperparameters, for ten epochs. */
    public static final Setup LAB = new Setup(ModelLayers.LAB, 10, TrainingOptions.DEFAULT, InitialWeights.KERAS,
            EarlyStopping.NEVER);

    /** The share of the usual learning rate with which an Elman network with ReLU begins. */
    public static final double OF_RELU = 0.3;

    /**
     * The default learning rate of an update rule: Keras' rate, multiplied by {@link #OF_RELU} for an Elman network
     * with ReLU. The state of such a network is unbounded, and RMSprop's first updates change all weights by similar
     * amounts at once, so at Keras' rate training often diverges within the first epoch. An identity matrix as
     * recurrent kernel, as in Le et al., "A simple way to initialize recurrent networks of rectified linear units"
     * (2015), does not prevent this.
     */
    public static double learningRate(UpdateRule.Named rule, RecurrentCell.Named cell) {
        return (cell == RecurrentCell.Named.RNN_RELU ? OF_RELU : 1) * rule.learningRate();
    }

    public Setup {
        Refuse.argumentIf(epochs < 0, epochs + " epochs; there must be 0 or more");
    }

    /** The same with other sizes of the model; with 0 dense units there is no middle layer. */
    public Setup sized(int units, int recurrentLayers, int denseUnits) {
        return layers(layers.sized(units, recurrentLayers, denseUnits));
    }

    public Setup layers(ModelLayers other) {
        return new Setup(other, epochs, training, initial, stopping);
    }

    public Setup epochs(int number) {
        return new Setup(layers, number, training, initial, stopping);
    }

    public Setup training(TrainingOptions options) {
        return new Setup(layers, epochs, options, initial, stopping);
    }

    public Setup stopping(EarlyStopping other) {
        return new Setup(layers, epochs, training, initial, other);
    }

    public Setup initial(InitialWeights other) {
        return new Setup(layers, epochs, training, other, stopping);
    }

    public ModelConfig model(int symbols) {
        return layers.model(symbols);
    }

    /** Initial weights from the seed, for V symbols, start and end included. */
    public Weights weights(int symbols) {
        return initial.weights(model(symbols), training.seed());
    }
}
