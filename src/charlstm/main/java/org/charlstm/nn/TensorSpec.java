package org.charlstm.nn;

import java.util.List;

/** Describes a model's tensor, {@code lstm_1.kernel} for example. An optimiser changes trained tensors alone. */
public record TensorSpec(String name, List<Integer> shape, Initializer initial, boolean trained) {
    /** A tensor that is trained. */
    public TensorSpec(String name, List<Integer> shape, Initializer initial) {
        this(name, shape, initial, true);
    }

    /** Copies the shape. */
    public TensorSpec {
        shape = List.copyOf(shape);
    }

    /** The number of elements. */
    public long size() {
        return Tensor.size(shape);
    }
}
