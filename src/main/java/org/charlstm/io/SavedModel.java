package org.charlstm.io;

import java.util.Map;
import java.util.Objects;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * What a model file holds.
 *
 * @param steps      T of the text that it was trained on, or 0 if unknown
 * @param vocabulary the symbols, or null if unknown
 * @param layout     how the training that made it laid out its text, by names that are the training's; empty if unknown
 */
public record SavedModel(ModelConfig config, int steps, @Nullable Vocabulary vocabulary, Weights weights,
        Map<String, String> layout) {
    /** Copies what could change. */
    public SavedModel {
        layout = Map.copyOf(layout);
    }

    /**
     * A model of an unknown training.
     *
     * @param steps      T of the text that it was trained on, or 0 if unknown
     * @param vocabulary the symbols, or null if unknown
     */
    public SavedModel(ModelConfig config, int steps, @Nullable Vocabulary vocabulary, Weights weights) {
        this(config, steps, vocabulary, weights, Map.of());
    }

    /**
     * The symbols of a model that can stand alone, such as {@link ModelFile#load} gives.
     *
     * @throws NullPointerException if it is unknown
     */
    public Vocabulary requireVocabulary() {
        return Objects.requireNonNull(vocabulary, "a model without a vocabulary");
    }

    /**
     * From how many symbols before it the model predicts one.
     *
     * @return T where it predicts the last step alone, for it knows nothing of shorter or longer texts; 0 for all
     *         symbols, through the state
     */
    public int window() {
        return config.prediction() == Prediction.LAST ? steps : 0;
    }
}
