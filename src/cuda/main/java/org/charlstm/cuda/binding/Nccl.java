package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;

/**
 * The functions of NCCL 2 that charlstm calls. All ranks make the same calls in the same order. Operations on a
 * captured stream become part of the graph.
 */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface Nccl extends NvidiaLibrary {
    /** Bytes of a communicator's id: NCCL_UNIQUE_ID_BYTES. */
    int ID_BYTES = 128;
    /**
     * Ids that are compared to find random bytes; a random byte stays unnoticed with probability 1 / 256 to this power.
     */
    int DRAWS = 12;
    /** Addition: ncclSum. */
    int SUM = 0;
    /** Bytes: ncclUint8. */
    int BYTE = 1;
    /** Single precision: ncclFloat32. */
    int FLOAT32 = 7;
    /** Double precision: ncclFloat64. */
    int FLOAT64 = 8;

    void ncclGetVersion(int[] version);

    Long ncclGetLastError(long communicator) throws CharlstmException;

    void ncclGetUniqueId(MemorySegment id);

    /** Joins a communicator by the id of rank 0, on the GPU whose context is current; waits for all ranks. */
    long ncclCommInitRank(int size, byte[] id, int rank);

    void ncclCommGetAsyncError(long communicator, int[] status);

    /** Leaves a communicator after all enqueued operations. */
    void ncclCommDestroy(long communicator);

    /** Aborts enqueued operations and leaves a communicator at once; any thread may call this. */
    void ncclCommAbort(long communicator);

    /**
     * All-reduce: combines the elements of all ranks, for example by {@link #SUM}, in place or into separate memory.
     */
    void ncclAllReduce(long send, long receive, long count, int type, int operation, long communicator, long stream);

    /**
     * Broadcast: copies the elements of rank {@code root} to all ranks, in place or into separate memory. Other ranks'
     * elements are not read.
     */
    void ncclBroadcast(long send, long receive, long count, int type, int root, long communicator, long stream);

    /** All-gather: copies the elements of all ranks to all ranks, in rank order. */
    void ncclAllGather(long send, long receive, long count, int type, long communicator, long stream);

    @Override
    default String remedy() {
        return "install NCCL 2.9 or newer";
    }

    @Override
    default void start() {
        version();
    }

    /** The failure, with NCCL's own message from version 2.13 on. */
    @Override
    default CudaException failure(String call, int status) {
        return StatusTable.NCCL.failure(call, status, "",
                has("ncclGetLastError") ? NvidiaLibrary.textAt(ncclGetLastError(0)).strip() : "");
    }

    /** NCCL's version, 10000 x major + 100 x minor + patch; needs no GPU. */
    default int version() {
        int[] version = new int[1];
        ncclGetVersion(version);
        return version[0];
    }

    /** The version as people write it, for example {@code 2.29.3}. */
    default String versionText() {
        return version() / 10000 + "." + version() / 100 % 100 + "." + version() % 100;
    }

    /** The id of a new communicator, {@link #ID_BYTES} bytes, which all ranks use to join. */
    default byte[] uniqueId() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment id = arena.allocate(ID_BYTES);
            ncclGetUniqueId(id);
            return id.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /**
     * The id of the communicator whose rank 0 answers at the address in the environment's NCCL_COMM_ID; every process
     * gets the same id. Up to version 2.21 NCCL fills a part of such an id with random bytes, its mark of connections.
     * These bytes would differ between processes, so they are set to zero here.
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

    /** Throws the failure of an asynchronous operation. */
    default void check(long communicator) {
        int[] status = new int[1];
        ncclCommGetAsyncError(communicator, status);
        if (status[0] != 0) {
            throw failure("an operation of NCCL", status[0]);
        }
    }
}
