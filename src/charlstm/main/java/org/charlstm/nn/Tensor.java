package org.charlstm.nn;

import module java.base;
import org.charlstm.base.Refuse;

/**
 * A named array on the host, {@code lstm_1.kernel} for example, in Keras' shape and row-major. Values are doubles, as
 * the oracle computes; float32 values convert without loss. The array is not copied.
 */
public record Tensor(String name, List<Integer> shape, double[] values) {
    /** Refuses values that do not fill the shape. */
    public Tensor {
        shape = List.copyOf(shape);
        Refuse.argumentIf(values.length != size(shape),
                name + " has " + values.length + " values for the shape " + shape);
    }

    /** The same values under another name. */
    public Tensor named(String other) {
        return new Tensor(other, shape, values);
    }

    /** The number of elements of a shape. */
    public static long size(List<Integer> shape) {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that && name.equals(that.name) && shape.equals(that.shape)
                && Arrays.equals(values, that.values);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return name + shape;
    }
}
