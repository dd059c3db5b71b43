package org.charlstm.nn;

import java.util.List;

/**
 * A tensor that a model has.
 *
 * @param name    for example {@code lstm_1.kernel}
 * @param shape   its dimensions
 * @param initial what it is filled with before training
 */
public record TensorSpec(String name, List<Integer> shape, Initializer initial) {
    /** Keeps the shape. */
    public TensorSpec {
        shape = List.copyOf(shape);
    }

    /**
     * How many elements it has.
     *
     * @return the product of its dimensions
     */
    public long size() {
        return Tensor.size(shape);
    }
}
