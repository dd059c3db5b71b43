package org.charlstm.nn;

import java.util.List;

/** A layer of a model, as data. The file of a layer also has its {@link Block}, which computes it on a device. */
public sealed interface Layer permits EmbeddingLayer, RecurrentLayer, DenseLayer, DropoutLayer, BatchNormLayer {
    /** The stem of layer names: the first layer of the kind {@code lstm} is {@code lstm_1}. */
    String kind();

    /** The columns of the output for so many columns of the input, or symbols of the first layer. */
    default int width(int inputs) {
        return inputs;
    }

    /** The layer's tensors, in order, by its name and the columns of its input, or symbols of the first layer. */
    List<TensorSpec> tensors(String name, int inputs);
}
