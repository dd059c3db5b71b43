package org.charlstm.rank;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.NcclCommunicator;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.tools.GpuContext;
import org.charlstm.device.gpu.tools.GpuMatrix;
import org.charlstm.device.gpu.tools.SideStream;
import org.jspecify.annotations.Nullable;

/**
 * Sums in GPU memory, with one GPU for each rank. The sums are operations of the context's stream, so a graph can
 * capture them. NCCL chooses the order of addition by the number of elements, the ranks and the connections of their
 * GPUs. The order is the same in every run on the same machines, and all ranks get the same bits.
 */
final class NcclAllReduce implements AllReduce {
    private final GpuContext context;
    final NcclCommunicator communicator;
    private final boolean ofCollective;
    private final AtomicBoolean open = new AtomicBoolean(true);
    /** A stream in addition to the context's two; null until a part is begun. */
    private @Nullable SideStream beside;

    /**
     * Joins the other ranks' GPUs by an id that is the same in all ranks. With {@code ofCollective}, a collective owns
     * this object, and {@link #close} does nothing.
     */
    NcclAllReduce(GpuContext context, int size, byte[] id, int rank, boolean ofCollective) {
        this.context = context;
        this.ofCollective = ofCollective;
        communicator = context.cuda().join(id, size, rank);
        context.waitsForOthers();
    }

    @Override
    public String carrier() {
        return "NCCL " + communicator.version();
    }

    @Override
    public boolean recordable() {
        return true;
    }

    @Override
    public void sum(Matrix flat) {
        sum(flat, 0, flat.columns());
    }

    private void sum(Matrix flat, int from, int to) {
        GpuMatrix matrix = GpuMatrix.of(flat);
        Refuse.argumentIf(matrix.type() != CudaType.FLOAT32 || flat.rows() != 1,
                "a sum over ranks of " + flat.rows() + " rows of " + matrix.type());
        // After an abort NCCL must not be called; the thread that aborted reports the reason.
        check();
        if (open.get()) {
            communicator.sum(matrix.buffer().view(from, to - from));
            context.early().others();
        }
    }

    @Override
    public void begin(Matrix flat, int from, int to) {
        if (!context.overlaps()) {
            sum(flat, from, to);
            return;
        }
        SideStream other = beside;
        if (other == null) {
            other = new SideStream(context.cuda(), context.early());
            beside = other;
        }
        other.run(() -> sum(flat, from, to));
    }

    @Override
    public void join() {
        if (context.overlaps()) {
            Objects.requireNonNull(beside, "nothing was begun").join();
        }
    }

    /** Throws any failure since the last check; does nothing after an abort. */
    void check() {
        synchronized (open) {
            if (open.get()) {
                communicator.check();
            }
        }
    }

    /** Returns true to the first caller alone, which then ends the communicator. */
    private boolean ending() {
        // Wait while another thread checks the communicator.
        synchronized (open) {
            return open.getAndSet(false);
        }
    }

    /** Ends the operations that wait for other ranks, at once. Any thread may call this. */
    void abort() {
        if (ending()) {
            communicator.abort();
        }
    }

    void leave() {
        if (ending()) {
            context.synchronize();
            communicator.close();
            closeBeside();
        }
    }

    /**
     * Aborts instead of leaving. Leaving would wait for the other ranks of the host, but this rank may have failed
     * alone. The others lose nothing, since all ranks have exchanged figures after the device's last sum.
     */
    @Override
    public void close() {
        if (!ofCollective && ending()) {
            context.synchronize();
            communicator.abort();
            closeBeside();
        }
    }

    private void closeBeside() {
        if (beside != null) {
            beside.close();
        }
    }
}
