package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;

/**
 * The functions of NCCL 2 that are called. Ranks make the same calls in the same order; what is enqueued on a stream
 * that is being recorded becomes part of the graph.
 */
@SuppressWarnings("MemberName") // The names are NVIDIA's.
public interface Nccl extends NvidiaLibrary {
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

    void ncclGetVersion(int[] version);

    Long ncclGetLastError(long communicator) throws CharlstmException;

    void ncclGetUniqueId(MemorySegment id);

    /** Joins a communicator by the id of rank 0, on the GPU whose context is current; waits for all ranks. */
    long ncclCommInitRank(int size, byte[] id, int rank);

    void ncclCommGetAsyncError(long communicator, int[] status);

    /** Leaves a communicator, after all operations that were enqueued. */
    void ncclCommDestroy(long communicator);

    /** Leaves a communicator at once, from any thread, without the operations that were enqueued. */
    void ncclCommAbort(long communicator);

    /** Combines the elements of all ranks one by one, as {@link #SUM} does, into the same memory or some apart. */
    void ncclAllReduce(long send, long receive, long count, int type, int operation, long communicator, long stream);

    /** Gives the elements of one rank, where alone they are read, to all: into the same memory or some apart. */
    void ncclBroadcast(long send, long receive, long count, int type, int root, long communicator, long stream);

    /** Gives the elements of each rank to all, by rank. */
    void ncclAllGather(long send, long receive, long count, int type, long communicator, long stream);

    @Override
    default String remedy() {
        return "install NCCL 2.9 or newer";
    }

    @Override
    default void start() {
        version();
    }

    /** From 2.13 on NCCL says more. */
    @Override
    default CudaException failure(String call, int status) {
        return StatusTable.NCCL.failure(call, status, "",
                has("ncclGetLastError") ? NvidiaLibrary.textAt(ncclGetLastError(0)).strip() : "");
    }

    /** Its version, which needs no GPU: 10000 x major + 100 x minor + patch. */
    default int version() {
        int[] version = new int[1];
        ncclGetVersion(version);
        return version[0];
    }

    /** Its version as people write it, for example {@code 2.29.3}. */
    default String versionText() {
        return version() / 10000 + "." + version() / 100 % 100 + "." + version() % 100;
    }

    /** The id of a new communicator, {@link #ID_BYTES} bytes, to be given to all ranks. */
    default byte[] uniqueId() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment id = arena.allocate(ID_BYTES);
            ncclGetUniqueId(id);
            return id.toArray(ValueLayout.JAVA_BYTE);
        }
    }

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

    /** Throws a failure of an operation whose call has returned. */
    default void check(long communicator) {
        int[] status = new int[1];
        ncclCommGetAsyncError(communicator, status);
        if (status[0] != 0) {
            throw failure("an operation of NCCL", status[0]);
        }
    }
}
