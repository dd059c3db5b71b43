package org.charlstm.rank;

import org.charlstm.device.Matrix;

/** Sums over all ranks of what lies in a device's memory. */
public interface RankSum extends AutoCloseable {
    /**
     * What carries it.
     *
     * @return for people, for example {@code NCCL 2.29.3}
     */
    String carrier();

    /**
     * Whether it is an operation of the device's, in order with the others, which may be recorded as part of a step.
     *
     * @return false for one that waits for what the device was given before, and is done when it returns
     */
    boolean recordable();

    /**
     * Adds up what all have, element by element, in place.
     *
     * @param flat float32, as many elements in each rank
     * @throws org.charlstm.CharlstmException if it fails, or has failed since the last
     */
    void sum(Matrix flat);

    /**
     * Begins to add up a part, after all that the device was given before, and beside what it is given until
     * {@link #join}; parts that were begun are summed in their order.
     *
     * @param flat float32, as many elements in each rank
     * @param from the first element of the part
     * @param to   the element after its last
     * @throws IllegalStateException if it is not recordable
     * @throws org.charlstm.CharlstmException if it fails, or has failed since the last
     */
    void begin(Matrix flat, int from, int to);

    /**
     * Has what the device is given from here on wait for all that was begun.
     *
     * @throws IllegalStateException if it is not recordable
     */
    void join();

    /** Ends it by itself, without the others; what was enqueued is waited for. */
    @Override
    void close();
}
