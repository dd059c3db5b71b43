package org.charlstm.nn;

import java.util.List;

/**
 * A layer of a model, as data. What computes it on a device is in the same file, so that a layer more is a file more
 * here, beside its place in this list and what devices and formats make of it.
 */
public sealed interface Layer permits EmbeddingLayer, LstmLayer, DenseLayer, DropoutLayer, BatchNormLayer {
    /** What its tensors are named after: the first of a kind is {@code lstm_1}, say. */
    String kind();

    /**
     * How many columns it gives.
     *
     * @param inputs columns that it takes, or symbols if it is the first
     * @return the width of its output
     */
    int width(int inputs);

    /**
     * Its tensors, in order.
     *
     * @param name   the layer's in its model
     * @param inputs columns that it takes, or symbols if it is the first
     * @return what they are called and how they begin
     */
    List<TensorSpec> tensors(String name, int inputs);
}
