package org.charlstm.rank;

import module java.base;

/**
 * Several processes that work on one task; each has a rank, from 0. All of them call every operation, in the
 * same order; it returns when all have come to it. Sums have the same bits in all ranks and, with as many ranks, in
 * every run: values are added in the order of the ranks, whichever library carries them.
 *
 * <p>An operation fails with a {@link org.charlstm.CharlstmException} that names rank and host if another rank does not
 * come to it, and so does everything after it. A process that ends before {@link #close} has returned takes all others
 * with it, within seconds.
 *
 * <p>One thread at a time calls the methods; {@link #alive}, {@link #step} and {@link #stepsDone} may be called beside.
 */
public interface Collective extends AutoCloseable {
    int rank();

    int size();

    int localRank();

    List<String> hosts();

    /** The library that carries bytes between them, for people, for example {@code MPI (Open MPI v5.0.7)}. */
    String carrier();

    /** How messages call a rank, for example {@code rank 2 on host b}. */
    default String name(int rank) {
        return "rank " + rank + " on host " + hosts().get(rank);
    }

    /** Adds up the elements of all ranks, as many in each, one by one; host memory, in the heap or outside. */
    void sum(MemorySegment floats);

    void sum(double[] values);

    /** All-gather of equal lengths: gives every rank the bytes of all ranks, in the order of the ranks. */
    List<byte[]> gatherEqual(byte[] bytes);

    /** All-gather of any lengths: gives every rank the bytes of all ranks, in the order of the ranks. */
    default List<byte[]> gather(byte[] bytes) {
        double[] lengths = new double[size()];
        lengths[rank()] = bytes.length;
        sum(lengths);
        int most = (int) Arrays.stream(lengths).max().orElseThrow();
        if (most == 0) {
            return Collections.nCopies(size(), new byte[0]);
        }
        List<byte[]> padded = gatherEqual(Arrays.copyOf(bytes, most));
        return IntStream.range(0, size()).mapToObj(r -> Arrays.copyOf(padded.get(r), (int) lengths[r])).toList();
    }

    /** Gives rank 0's bytes, which are few and read there alone, to all. */
    default byte[] broadcast(byte[] bytes) {
        return gather(rank() == 0 ? bytes : new byte[0]).getFirst();
    }

    default void barrier() {
        sum(new double[1]);
    }

    /** Does work that enqueues a device's operations or waits for them; they may be sums that wait for other ranks. */
    default void inTime(Runnable work) {
        work.run();
    }

    /**
     * Tells the others at which step this process is, a sign that it gets on; work that is enqueued on a GPU gives no
     * other. From here to {@link #stepsDone} a process that does not get on is taken to hang.
     */
    default void step(long step) {
    }

    /**
     * Tells that the work up to the next step may take long without a sign, as may all before the first step. There it
     * is enough that this process runs, for ten minutes in a piece; after that it is taken to hang, too.
     */
    default void stepsDone() {
    }

    /** Tells that work gets on for which all others wait, such as a validation by rank 0 alone. */
    default void alive() {
    }

    /** Sets the exit code, else 1, with which this process ends the others if it ends before the ranks are closed. */
    default void endsWith(int code) {
    }

    /** Waits for all, and leaves them; after a failure it does neither, and the end of the process ends the others. */
    @Override
    void close();

    /** One process by itself, whose sums are its values, with nobody to wait for, to tell or to leave. */
    record SingleProcess(int rank, int size, int localRank, List<String> hosts, String carrier) implements Collective {
        @Override
        public void sum(MemorySegment floats) {
        }

        @Override
        public void sum(double[] values) {
        }

        @Override
        public List<byte[]> gatherEqual(byte[] bytes) {
            return List.of(bytes.clone());
        }

        @Override
        public void close() {
        }
    }

    /** One process by itself: rank 0 of 1, whose sums are what it has. */
    static Collective single() {
        return new SingleProcess(0, 1, 0, List.of("this"), "one process");
    }
}
