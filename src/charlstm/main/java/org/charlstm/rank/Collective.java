package org.charlstm.rank;

import module java.base;

/**
 * Several processes that work on one task; each has a rank, from 0. All ranks call every operation, in the same order;
 * an operation returns when all ranks have called it. Sums have the same bits in all ranks and, for a given number of
 * ranks, in every run: with any library, values are added in the order of the ranks.
 *
 * <p>If a rank does not call an operation, the operation fails in the other ranks with a
 * {@link org.charlstm.CharlstmException} that names rank and host, and so do all later operations. A process that ends
 * before {@link #close} has returned ends all others within seconds.
 *
 * <p>One thread at a time may call the methods; {@link #alive}, {@link #step} and {@link #stepsDone} may be called
 * concurrently.
 */
public interface Collective extends AutoCloseable {
    int rank();

    int size();

    int localRank();

    List<String> hosts();

    /** A description of the library that carries bytes between ranks, for example {@code MPI (Open MPI v5.0.7)}. */
    String carrier();

    /** The name of a rank in messages, for example {@code rank 2 on host b}. */
    default String name(int rank) {
        return "rank " + rank + " on host " + hosts().get(rank);
    }

    /**
     * All-reduce: replaces each float32 element by its sum over all ranks. All ranks give the same number of elements,
     * in host memory, on or off the heap.
     */
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

    /** Gives rank 0's bytes, which must be few, to all ranks; the other ranks' arguments are ignored. */
    default byte[] broadcast(byte[] bytes) {
        return gather(rank() == 0 ? bytes : new byte[0]).getFirst();
    }

    default void barrier() {
        sum(new double[1]);
    }

    /** Runs work that enqueues a device's operations or waits for them; sums among them may wait for other ranks. */
    default void inTime(Runnable work) {
        work.run();
    }

    /**
     * Tells the other ranks the step of this process, which is a sign of progress; work enqueued on a GPU gives no
     * other sign. From this call to {@link #stepsDone}, a process without progress is considered hung.
     */
    default void step(long step) {
    }

    /**
     * Tells that the work before the next step may take long without a sign of progress. This also holds before the
     * first step. In this phase a process need only run; without progress for ten minutes, it is considered hung too.
     */
    default void stepsDone() {
    }

    /** Gives a sign of progress in work for which all other ranks wait, for example a validation by rank 0 alone. */
    default void alive() {
    }

    /** Sets the exit code, by default 1, with which this process ends the others if it ends before {@link #close}. */
    default void endsWith(int code) {
    }

    /** Waits for all ranks and leaves them. After a failure it does neither: the process's end ends the others. */
    @Override
    void close();

    /** A single process. Its sums are its own values, and it never waits. */
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

    /** A single process, rank 0 of 1. */
    static Collective single() {
        return new SingleProcess(0, 1, 0, List.of("this"), "one process");
    }
}
