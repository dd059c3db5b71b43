package org.charlstm.rank;

import org.charlstm.device.Matrix;

/** Adds up over all ranks what lies in a device's memory. */
public interface AllReduce extends AutoCloseable {
    /** The library that carries it, for people, for example {@code NCCL 2.29.3}. */
    String carrier();

    /** Whether a sum is an operation of the device's, to be recorded in a step; else it is done when it returns. */
    default boolean recordable() {
        return false;
    }

    /** Adds up the elements of all ranks, float32, in place. Fails also if another has failed since the last. */
    void sum(Matrix flat);

    /**
     * Begins to add up a part of a buffer of float32 after all operations before, and beside those up to {@link #join};
     * parts are summed in the order in which they were begun. Fails also if another has failed since the last.
     */
    default void begin(Matrix flat, int from, int to) {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    /** Has the device's operations from here on wait for all parts that were begun. */
    default void join() {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    /** Ends it by itself, without the others, after the operations so far. */
    @Override
    void close();
}
