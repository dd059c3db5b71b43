package org.charlstm.io;

import module java.base;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * The model of a model file. {@code steps} is T of the training text, 0 if unknown; the vocabulary is null if unknown;
 * the layout tells how training arranged its text, by the names of the training's settings.
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

    /** The vocabulary, which {@link ModelFile#load} ensures. Throws {@link NullPointerException} if it is unknown. */
    public Vocabulary requireVocabulary() {
        return Objects.requireNonNull(vocabulary, "a model without a vocabulary");
    }

    /**
     * The number of symbols from which the model predicts the next symbol. This is T if the model predicts the last
     * step alone, since it has learned from no other length; else 0 for all symbols before, through the state.
     */
    public int window() {
        return config.prediction() == Prediction.LAST ? steps : 0;
    }
}
