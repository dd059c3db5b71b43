package org.charlstm.nn;

import java.util.List;

/** A layer of a model, as data. Each layer's file also has its {@link Block}, which computes the layer on a device. */
public sealed interface Layer permits EmbeddingLayer, RecurrentLayer, DenseLayer, DropoutLayer, BatchNormLayer {
    /** The stem of layer names: the first {@code lstm} layer is called {@code lstm_1}. */
    String kind();

    /** The columns of the output, given the columns of the input, or the symbols for the first layer. */
    default int width(int inputs) {
        return inputs;
    }

    /** The layer's tensors in order, given its name and its input's columns, or the symbols for the first layer. */
    List<TensorSpec> tensors(String name, int inputs);
}
