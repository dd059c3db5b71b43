package org.charlstm.io;

import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;

/**
 * What a model file holds.
 *
 * @param config     the sizes
 * @param steps      T of the text that it was trained on, or 0 if unknown
 * @param vocabulary the symbols, or null if unknown
 * @param weights    the weights
 */
public record SavedModel(ModelConfig config, int steps, Vocabulary vocabulary, Weights weights) {
}
