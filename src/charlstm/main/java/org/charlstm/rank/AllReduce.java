package org.charlstm.rank;

import org.charlstm.device.Matrix;

/** Sums values in device memory over all ranks. */
public interface AllReduce extends AutoCloseable {
    /** A description of the library that carries the values, for example {@code NCCL 2.29.3}. */
    String carrier();

    /** Whether a captured step can contain a sum. If not, a sum is complete when the call returns. */
    default boolean recordable() {
        return false;
    }

    /** Sums float32 elements over all ranks, in place. Also fails if an earlier sum has failed since the last call. */
    void sum(Matrix flat);

    /**
     * Begins to sum elements {@code from} to {@code to} of a float32 buffer, after all operations so far and
     * concurrently with the operations up to {@link #join}. Parts are summed in the order of these calls. Also fails if
     * an earlier sum has failed since the last call.
     */
    default void begin(Matrix flat, int from, int to) {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    /** Makes the device's later operations wait for all parts that were begun. */
    default void join() {
        throw new IllegalStateException("sums through host memory are not recorded");
    }

    /** Waits for the operations so far and frees this object, without the other ranks. */
    @Override
    void close();
}
