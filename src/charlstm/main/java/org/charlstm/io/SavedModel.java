package org.charlstm.io;

import module java.base;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * The model of a model file: T of the text that it was trained on, 0 if unknown, its symbols, null if unknown, and how
 * its training laid out the text, under names of the training.
 */
public record SavedModel(ModelConfig config, int steps, @Nullable Vocabulary vocabulary, Weights weights,
        Map<String, String> layout) {
    /** Copies the layout. */
    public SavedModel {
        layout = Map.copyOf(layout);
    }

    /** A model whose layout is unknown. */
    public SavedModel(ModelConfig config, int steps, @Nullable Vocabulary vocabulary, Weights weights) {
        this(config, steps, vocabulary, weights, Map.of());
    }

    /** The symbols, which {@link ModelFile#load} gives; {@link NullPointerException} if they are unknown. */
    public Vocabulary requireVocabulary() {
        return Objects.requireNonNull(vocabulary, "a model without a vocabulary");
    }

    /**
     * How many symbols the model predicts the next one from: T if it predicts the last step alone, as it knows nothing
     * of shorter or longer texts; 0 for all symbols before, through the state.
     */
    public int window() {
        return config.prediction() == Prediction.LAST ? steps : 0;
    }
}
