package org.charlstm.rank;

import org.charlstm.device.Matrix;

/** Adds up over all ranks what lies in a device's memory. */
public interface AllReduce extends AutoCloseable {
    /** The library that carries it, for people, for example {@code NCCL 2.29.3}. */
    String carrier();

    /**
     * Whether a sum is an operation of the device's, in order with the others, which may be recorded as part of a step;
     * false if it waits for the operations before it, and is done when it returns.
     */
    default boolean recordable() {
        return false;
    }

    /**
     * Adds up the elements of all ranks, float32 and as many in each, one by one, in place. Fails also if another has
     * failed since the last.
     */
    void sum(Matrix flat);

    /**
     * Begins to add up a part of a buffer of float32, from an element up to another, after all operations before, and
     * beside those up to {@link #join}; parts that were begun are summed in their order. Fails also if another has
     * failed since the last.
     */
    default void begin(Matrix flat, int from, int to) {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    /**
     * Has the device's operations from here on wait for all parts that were begun. Throws {@link IllegalStateException}
     * if it is not recordable.
     */
    default void join() {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    /** Ends it by itself, without the others, after the operations so far. */
    @Override
    void close();
}
