package org.charlstm.cuda.binding;

import org.charlstm.cuda.CudaException;

/**
 * NCCL 2, as far as it is called. Every call throws a {@link CudaException} if NCCL returns an error. Ranks make the
 * same calls in the same order; what is enqueued on a stream that is being recorded becomes part of the graph.
 */
public interface Nccl {
    /** Bytes of what identifies a communicator: NCCL_UNIQUE_ID_BYTES. */
    int ID_BYTES = 128;
    /** Ids that are compared to find drawn bytes: all miss one once in 256 to this power. */
    int DRAWS = 12;
    /** Addition: ncclSum. */
    int SUM = 0;
    /** Bytes: ncclUint8. */
    int BYTE = 1;
    /** Single precision: ncclFloat32. */
    int FLOAT32 = 7;
    /** Double precision: ncclFloat64. */
    int FLOAT64 = 8;

    /** The file that was opened. */
    String place();

    /** Its version, which needs no GPU: 10000 x major + 100 x minor + patch. */
    int version();

    /** Its version as people write it, for example {@code 2.29.3}. */
    default String versionText() {
        return version() / 10000 + "." + version() / 100 % 100 + "." + version() % 100;
    }

    /** The id of a new communicator, {@link #ID_BYTES} bytes, to be given to all ranks. */
    byte[] uniqueId();

    /**
     * The id of the communicator at an address, which NCCL_COMM_ID in the environment names and at which rank 0
     * answers: the same in every process. Up to 2.21 NCCL draws a part of such an id, as a mark by which it knows
     * connections; each process would have another id, so the drawn bytes are zeros here.
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
     * Combines the elements of all ranks, one by one.
     *
     * @param receive      the same, or device memory apart from it
     * @param type         for example {@link #FLOAT32}
     * @param operation    for example {@link #SUM}
     */
    void allReduce(long send, long receive, long count, int type, int operation, long communicator, long stream);

    /**
     * Gives the elements of one rank to all.
     *
     * @param send         device memory, read in that rank only
     * @param receive      the same, or device memory apart from it
     * @param type         for example {@link #BYTE}
     */
    void broadcast(long send, long receive, long count, int type, int root, long communicator, long stream);

    /**
     * Gives the elements of each rank to all.
     *
     * @param receive      device memory for the elements of all, by rank
     * @param type         for example {@link #BYTE}
     */
    void allGather(long send, long receive, long count, int type, long communicator, long stream);

    /** Throws a failure of an operation whose call has returned. */
    void check(long communicator);

    /** Leaves a communicator, after all operations that were enqueued. */
    void leave(long communicator);

    /** Leaves a communicator at once, from any thread, without the operations that were enqueued. */
    void abort(long communicator);
}
