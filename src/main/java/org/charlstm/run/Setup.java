package org.charlstm.run;

import org.charlstm.nn.InitialWeights;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Weights;
import org.charlstm.train.TrainingOptions;

/**
 * The hyperparameters of a run: the layers of a model that is made for it, and how it is trained.
 *
 * @param epochs       passes over the text; 0 keeps the initial weights
 * @param training     batch size, learning rate and so on
 * @param initial      what the weights of such a model are at first
 * @param stopping     which epoch is the best, and when a run ends before its last
 */
public record Setup(Architecture architecture, int epochs, TrainingOptions training, InitialWeights initial,
        EarlyStopping stopping) {
    /** The lab's, for ten epochs. */
    public static final Setup LAB = new Setup(Architecture.LAB, 10, TrainingOptions.DEFAULT, InitialWeights.KERAS,
            EarlyStopping.NEVER);

    /** Refuses a number of epochs below 0. */
    public Setup {
        if (epochs < 0) {
            throw new IllegalArgumentException(epochs + " epochs; there must be 0 or more");
        }
    }

    /**
     * The same with a model of other sizes.
     *
     * @param denseUnits of the middle layer, or 0 to leave it out
     */
    public Setup sized(int units, int lstmLayers, int denseUnits) {
        return architecture(architecture.sized(units, lstmLayers, denseUnits));
    }

    /** The same with a model of other layers. */
    public Setup architecture(Architecture other) {
        return new Setup(other, epochs, training, initial, stopping);
    }

    /** The same for another time. */
    public Setup epochs(int number) {
        return new Setup(architecture, number, training, initial, stopping);
    }

    /**
     * The same, trained in another way.
     *
     * @param options batch size, learning rate and so on
     */
    public Setup training(TrainingOptions options) {
        return new Setup(architecture, epochs, options, initial, stopping);
    }

    /**
     * The same, ended in another way.
     *
     * @param other when a run ends before its last epoch
     */
    public Setup stopping(EarlyStopping other) {
        return new Setup(architecture, epochs, training, initial, other);
    }

    /**
     * The same that begins in another way.
     *
     * @param other what the weights are at first
     */
    public Setup initial(InitialWeights other) {
        return new Setup(architecture, epochs, training, other, stopping);
    }

    /** Whether a run keeps its best model. */
    boolean keepsBest(TrainingText text) {
        return stopping.keepsBest(text);
    }

    /**
     * The model that it makes.
     *
     * @param symbols V, start and end included
     * @throws IllegalArgumentException if they make no model, or one too large for any buffer
     */
    public ModelConfig model(int symbols) {
        return architecture.model(symbols);
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
