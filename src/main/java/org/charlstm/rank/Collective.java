package org.charlstm.rank;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Several processes that work on one task, each of which has a rank, from 0. Every operation is called by all of them,
 * in the same order; it returns when all have come to it. Sums have the same bits in all ranks and, with as many ranks,
 * in every run: values are added in the order of the ranks, whichever library carries them.
 *
 * <p>An operation fails with a {@link org.charlstm.CharlstmException} that names rank and host if another rank does not
 * come to it, and so does everything after it. A process that ends without {@link #close} having returned takes all
 * others with it, within seconds.
 *
 * <p>All but {@link #alive}, {@link #step} and {@link #stepsDone} is called by one thread at a time.
 */
public interface Collective extends AutoCloseable {
    /**
     * This process among them.
     *
     * @return from 0 on
     */
    int rank();

    /**
     * How many they are.
     *
     * @return at least 1
     */
    int size();

    /**
     * This process among those of its host.
     *
     * @return from 0 on
     */
    int localRank();

    /**
     * Where each runs.
     *
     * @return names of hosts, by rank
     */
    List<String> hosts();

    /**
     * What carries bytes between them.
     *
     * @return for people, for example {@code MPI (Open MPI v5.0.7)}
     */
    String carrier();

    /**
     * How messages call a rank.
     *
     * @return for example {@code rank 2 on host b}
     */
    default String name(int rank) {
        return "rank " + rank + " on host " + hosts().get(rank);
    }

    /**
     * Adds up what all have, element by element.
     *
     * @param floats elements in host memory, in the heap or outside, as many in each rank; their sums afterwards
     * @throws org.charlstm.CharlstmException if it fails
     */
    void sum(MemorySegment floats);

    /**
     * Adds up what all have, element by element.
     *
     * @param values as many in each rank; their sums afterwards
     * @throws org.charlstm.CharlstmException if it fails
     */
    void sum(double[] values);

    /**
     * Gives everybody what rank 0 has.
     *
     * @param bytes what to give; of others than rank 0 it is not looked at
     * @return what rank 0 gave
     * @throws org.charlstm.CharlstmException if it fails
     */
    byte[] broadcast(byte[] bytes);

    /**
     * Tells everybody what each has.
     *
     * @param bytes what this one has, which may be longer or shorter than that of others
     * @return that of each, by rank
     * @throws org.charlstm.CharlstmException if it fails
     */
    List<byte[]> gather(byte[] bytes);

    /**
     * Waits until all have come here.
     *
     * @throws org.charlstm.CharlstmException if it fails
     */
    void barrier();

    /**
     * Does what may wait for this process's device, whose operations may be sums that wait for other ranks.
     *
     * @param work enqueues operations of the device, or waits for them
     * @throws org.charlstm.CharlstmException if it fails
     */
    default void inTime(Runnable work) {
        work.run();
    }

    /**
     * Says where this process is, which is as much as to say that it is getting on: messages tell it, and work that is
     * enqueued on a GPU has no other sign. From here to {@link #stepsDone} what does not get on is taken to hang.
     *
     * @param step counts up, for example the updates
     */
    void step(long step);

    /**
     * Says that what comes now, up to the next step, may take long without a sign, as may all before the first: to read
     * or write a file on a slow disk, to compile a kernel. There it is enough that this process runs, for ten minutes
     * in a piece; then what shows no other sign is taken to hang there too. Where nobody can be told of it beside the
     * operations, it changes nothing.
     */
    default void stepsDone() {
        // Nobody is told.
    }

    /** Says that work is getting on that all others wait for, such as a validation by rank 0 alone. */
    void alive();

    /**
     * Sets the exit code with which this process ends the others, if it ends before the ranks are closed; else 1.
     *
     * @param code such as 143 after SIGTERM
     */
    default void endsWith(int code) {
        // A launcher that sees a process end takes its exit code.
    }

    /**
     * Waits for all, and leaves them. After a failure it does not wait; then the end of the process ends all others.
     */
    @Override
    void close();

    /**
     * One process by itself, for which there is nothing to do.
     *
     * @return rank 0 of 1
     */
    static Collective single() {
        return new SingleProcess();
    }
}
