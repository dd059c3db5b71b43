package org.charlstm.cuda;

/**
 * NCCL 2, as far as it is called. Every call throws a {@link CudaException} if NCCL returns an error. Ranks make the
 * same calls in the same order; what is enqueued on a stream that is being recorded becomes part of the graph.
 */
public interface Nccl {
    /** Bytes of what identifies a communicator: NCCL_UNIQUE_ID_BYTES. */
    int ID_BYTES = 128;
    /** That a byte is drawn shows in one of them, but for one time in 256 to this power. */
    int DRAWS = 12;
    /** Addition: ncclSum. */
    int SUM = 0;
    /** Bytes: ncclUint8. */
    int BYTE = 1;
    /** Single precision: ncclFloat32. */
    int FLOAT32 = 7;
    /** Double precision: ncclFloat64. */
    int FLOAT64 = 8;

    /**
     * Where it was found.
     *
     * @return a path or a soname
     */
    String place();

    /**
     * Its version, which needs no GPU.
     *
     * @return 10000 x major + 100 x minor + patch
     */
    int version();

    /**
     * Its version for people.
     *
     * @return for example {@code 2.29.3}
     */
    default String versionText() {
        return version() / 10000 + "." + version() / 100 % 100 + "." + version() % 100;
    }

    /**
     * What identifies a new communicator, to be given to all ranks.
     *
     * @return {@link #ID_BYTES} bytes
     */
    byte[] uniqueId();

    /**
     * What identifies the communicator of an address, which NCCL_COMM_ID in the environment names and at which rank 0
     * answers: the same in every process that asks. Up to 2.21 NCCL draws a part of such an id, as a mark by which to
     * know connections, and so has another one in each process; what it draws is zeros here.
     *
     * @return {@link #ID_BYTES} bytes
     */
    default byte[] addressId() {
        byte[] id = uniqueId();
        boolean[] drawn = new boolean[id.length];
        for (int i = 0; i < DRAWS; i++) {
            byte[] other = uniqueId();
            for (int at = 0; at < id.length; at++) {
                drawn[at] |= id[at] != other[at];
            }
        }
        for (int at = 0; at < id.length; at++) {
            id[at] = drawn[at] ? 0 : id[at];
        }
        return id;
    }

    /**
     * Joins a communicator, on the GPU whose context is current; waits for all ranks.
     *
     * @param id   as rank 0 has it from {@link #uniqueId}
     */
    long join(int size, byte[] id, int rank);

    /**
     * Combines the elements of all ranks.
     *
     * @param receive      the same, or device memory apart from it
     * @param type         for example {@link #FLOAT32}
     * @param operation    for example {@link #SUM}
     * @param stream       the stream in whose order it is done
     */
    void allReduce(long send, long receive, long count, int type, int operation, long communicator, long stream);

    /**
     * Gives all ranks what one has.
     *
     * @param send         device memory of that one
     * @param receive      the same, or device memory apart from it
     * @param type         for example {@link #BYTE}
     * @param stream       the stream in whose order it is done
     */
    void broadcast(long send, long receive, long count, int type, int root, long communicator, long stream);

    /**
     * Gives all ranks what each has.
     *
     * @param receive      device memory for that of all, by rank
     * @param type         for example {@link #BYTE}
     * @param stream       the stream in whose order it is done
     */
    void allGather(long send, long receive, long count, int type, long communicator, long stream);

    /** Throws what has failed since a call had returned. */
    void check(long communicator);

    /** Leaves a communicator, when all is done that was enqueued. */
    void leave(long communicator);

    /** Leaves a communicator at once, from any thread; what was enqueued ends undone. */
    void abort(long communicator);
}
