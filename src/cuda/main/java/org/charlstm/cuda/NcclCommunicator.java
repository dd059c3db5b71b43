package org.charlstm.cuda;

import java.util.Objects;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Nccl;

/**
 * GPUs of several processes or threads that work together by NCCL. All make the same calls in the same order; they are
 * enqueued on the current stream, and can be recorded. Close graphs that have recorded them before the communicator:
 * NCCL waits for them, for ever.
 */
public final class NcclCommunicator extends CudaObject {
    private final Nccl nccl;
    private final long handle;
    private final int size;
    private final int rank;

    NcclCommunicator(Cuda cuda, Nccl nccl, byte[] id, int size, int rank) {
        super(cuda, "a communicator");
        this.nccl = nccl;
        this.size = size;
        this.rank = rank;
        if (Objects.requireNonNull(id, "the id is null").length != Nccl.ID_BYTES) {
            throw new IllegalArgumentException("an id of " + id.length + " bytes; newId() gives " + Nccl.ID_BYTES);
        }
        if (size < 1 || rank < 0 || rank >= size) {
            throw new IllegalArgumentException("rank " + rank + " of " + size + "; it must be from 0 to the size - 1");
        }
        cuda.driver();
        handle = nccl.ncclCommInitRank(size, id, rank);
        opened();
    }

    /**
     * An id for a new communicator, to be given to all who are to join.
     *
     * @throws CharlstmException if NCCL is not here
     */
    public static byte[] newId(CudaOptions options) {
        return Objects.requireNonNull(options, "the choice of a GPU is null").libraries().nccl().uniqueId();
    }

    /** An id as {@link #newId(CudaOptions)} gives it, by the libraries of an installation. */
    public static byte[] newId(CudaInstallation installation) {
        return Objects.requireNonNull(installation, "the installation is null").libraries().nccl().uniqueId();
    }

    /**
     * The id of the communicator whose rank 0 answers at the address that NCCL_COMM_ID names.
     *
     * @throws CharlstmException if NCCL is not here
     */
    public static byte[] idOfAddress(CudaInstallation installation) {
        return Objects.requireNonNull(installation, "the installation is null").libraries().nccl().addressId();
    }

    /** NCCL's version, for example 2.29.3. */
    public String version() {
        return nccl.versionText();
    }

    /** How many GPUs have joined. */
    public int size() {
        return size;
    }

    /** This one's number, from 0. */
    public int rank() {
        return rank;
    }

    /** Replaces each element by its sum over all ranks: float32 or double, equally many in each. */
    public void sum(CudaBuffer values) {
        long pointer = Objects.requireNonNull(values, "the buffer is null").pointerFor(cuda());
        requireOpen();
        nccl.ncclAllReduce(pointer, pointer, values.count(), type(values), Nccl.SUM, handle, stream());
    }

    /** Gives the elements of one rank to all. */
    public void broadcast(CudaBuffer values, int root) {
        long pointer = Objects.requireNonNull(values, "the buffer is null").pointerFor(cuda());
        requireOpen();
        nccl.ncclBroadcast(pointer, pointer, values.bytes(), Nccl.BYTE, root, handle, stream());
    }

    /** Gives the elements of each rank to all, which receive them by rank, apart from the values. */
    public void gather(CudaBuffer values, CudaBuffer all) {
        if (Objects.requireNonNull(all, "the buffer of all is null").type() != Objects
                .requireNonNull(values, "the buffer is null").type()
                || all.count() < values.count() * size) {
            throw new IllegalArgumentException("the values of " + size + " ranks are " + values.count() * size
                    + " elements of " + values.type() + ", and a buffer of " + all.count() + " of " + all.type()
                    + " was given");
        }
        requireOpen();
        nccl.ncclAllGather(values.pointerFor(cuda()), all.pointerFor(cuda()), values.bytes(), Nccl.BYTE, handle,
                stream());
    }

    private long stream() {
        cuda().driver();
        return cuda().current().handle();
    }

    private static int type(CudaBuffer values) {
        return switch (values.type()) {
            case FLOAT32 -> Nccl.FLOAT32;
            case FLOAT64 -> Nccl.FLOAT64;
            default -> throw new IllegalArgumentException("a sum of " + values.type()
                    + "; sums over ranks are of float32 or double");
        };
    }

    /** Throws a failure of an operation whose call has returned, such as another rank's end. */
    public void check() {
        requireOpen();
        nccl.check(handle);
    }

    /**
     * Leaves without waiting for ranks, from any thread, and without the operations that were enqueued, such as those
     * that wait for a rank that has ended. Only {@link #close} may be called after it.
     */
    public void abort() {
        if (abandon()) {
            nccl.ncclCommAbort(handle);
        }
    }

    /** Leaves, after all operations that were enqueued; waits for the other ranks of this host. */
    @Override
    void release(CudaDriver driver) {
        nccl.ncclCommDestroy(handle);
    }
}
