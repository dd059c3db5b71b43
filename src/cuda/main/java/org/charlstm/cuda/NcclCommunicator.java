package org.charlstm.cuda;

import java.util.Objects;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Nccl;

/**
 * A rank of several processes' or threads' GPUs that work together by NCCL. All ranks make the same calls in the same
 * order; the operations are enqueued on the current stream, and can be recorded. Close graphs that recorded them before
 * the communicator: otherwise NCCL waits for ever.
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
     * An id for a new communicator, which all members use to join.
     *
     * @throws CharlstmException if NCCL is not here
     */
    public static byte[] newId(CudaOptions options) {
        return Objects.requireNonNull(options, "the choice of a GPU is null").libraries().nccl().uniqueId();
    }

    /** An id for a new communicator, as {@link #newId(CudaOptions)} makes it, by an installation's NCCL. */
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

    /** The number of ranks. */
    public int size() {
        return size;
    }

    /** This GPU's rank, from 0. */
    public int rank() {
        return rank;
    }

    /**
     * All-reduce: replaces each element by its sum over all ranks. All buffers have the same number of float32 or
     * double elements.
     */
    public void sum(CudaBuffer values) {
        long pointer = Objects.requireNonNull(values, "the buffer is null").pointerFor(cuda());
        requireOpen();
        nccl.ncclAllReduce(pointer, pointer, values.count(), type(values), Nccl.SUM, handle, stream());
    }

    /** Broadcast: copies the elements of rank {@code root} to all ranks. */
    public void broadcast(CudaBuffer values, int root) {
        long pointer = Objects.requireNonNull(values, "the buffer is null").pointerFor(cuda());
        requireOpen();
        nccl.ncclBroadcast(pointer, pointer, values.bytes(), Nccl.BYTE, root, handle, stream());
    }

    /** All-gather: every rank receives the elements of all ranks, in rank order, in the separate buffer {@code all}. */
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

    /** Throws the failure of an asynchronous operation, such as the end of another rank. */
    public void check() {
        requireOpen();
        nccl.check(handle);
    }

    /**
     * Aborts enqueued operations, such as operations that wait for an ended rank, and leaves without waiting for other
     * ranks. Any thread may call this. Only {@link #close} may be called afterwards.
     */
    public void abort() {
        if (abandon()) {
            nccl.ncclCommAbort(handle);
        }
    }

    /** Leaves after all enqueued operations; waits for the other ranks of this host. */
    @Override
    void release(CudaDriver driver) {
        nccl.ncclCommDestroy(handle);
    }
}
