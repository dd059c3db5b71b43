package org.charlstm.nn;

import java.util.List;

/**
 * A tensor that a model has.
 *
 * @param name    for example {@code lstm_1.kernel}
 * @param initial what it is filled with before training
 * @param trained whether an optimiser changes it by its gradient
 */
public record TensorSpec(String name, List<Integer> shape, Initializer initial, boolean trained) {
    /**
     * One that an optimiser changes.
     *
     * @param name    for example {@code lstm_1.kernel}
     * @param initial what it is filled with before training
     */
    public TensorSpec(String name, List<Integer> shape, Initializer initial) {
        this(name, shape, initial, true);
    }

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
