package org.charlstm.rank;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaDriver;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Nccl;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Matrix;
import org.charlstm.device.gpu.GpuMatrix;
import org.jspecify.annotations.Nullable;

/**
 * Sums in the memory of GPUs, one GPU a rank, as operations of the context's stream, which a graph records. NCCL
 * chooses the order of addition by the number of elements, the ranks and how their GPUs are connected: it is the same
 * in every run on the same machines, and all ranks get the same bits.
 */
final class NcclAllReduce implements AllReduce {
    private final CudaContext context;
    private final Nccl nccl;
    private final long communicator;
    private final boolean ofCollective;
    private final AtomicBoolean open = new AtomicBoolean(true);
    /** Null until something is begun. */
    private @Nullable Beside beside;

    /**
     * Joins the other ranks' GPUs.
     *
     * @param id the same in all ranks
     */
    NcclAllReduce(CudaContext context, Nccl nccl, int size, byte[] id, int rank) {
        this(context, nccl, size, id, rank, false);
    }

    private NcclAllReduce(CudaContext context, Nccl nccl, int size, byte[] id, int rank, boolean ofCollective) {
        this.context = context;
        this.nccl = nccl;
        this.ofCollective = ofCollective;
        // The driver makes the context current on this thread; NCCL joins on its GPU.
        Objects.requireNonNull(context.driver());
        communicator = nccl.join(size, id, rank);
    }

    /** Joins the GPUs of a launch for a collective, which alone ends it. */
    static NcclAllReduce ofCollective(CudaContext context, Nccl nccl, ProcessLaunch launch, byte[] id) {
        return new NcclAllReduce(context, nccl, launch.size(), id, launch.rank(), true);
    }

    Nccl nccl() {
        return nccl;
    }

    long communicator() {
        return communicator;
    }

    @Override
    public String carrier() {
        return "NCCL " + nccl.versionText();
    }

    @Override
    public boolean recordable() {
        return true;
    }

    @Override
    public void sum(Matrix flat) {
        sum(flat, 0, flat.columns(), context.stream());
    }

    private void sum(Matrix flat, int from, int to, long stream) {
        GpuMatrix matrix = GpuMatrix.of(flat);
        if (matrix.type() != CudaType.FLOAT32 || flat.rows() != 1) {
            throw new IllegalArgumentException("a sum over ranks of " + flat.rows() + " rows of " + matrix.type());
        }
        // After an abort nothing may be called; the thread that aborted reports why.
        check();
        if (open.get()) {
            context.driver();
            nccl.allReduce(matrix.pointer(from), matrix.pointer(from), to - from, Nccl.FLOAT32, Nccl.SUM, communicator,
                    stream);
        }
    }

    @Override
    public void begin(Matrix flat, int from, int to) {
        if (!context.overlaps()) {
            sum(flat, from, to, context.stream());
            return;
        }
        Beside other = beside;
        if (other == null) {
            other = new Beside(context.driver());
            beside = other;
        }
        context.driver().recordEvent(other.forked, context.stream());
        context.driver().waitFor(other.stream, other.forked);
        sum(flat, from, to, other.stream);
    }

    @Override
    public void join() {
        if (!context.overlaps()) {
            return;
        }
        Beside other = Objects.requireNonNull(beside, "nothing was begun");
        context.driver().recordEvent(other.joined, other.stream);
        context.driver().waitFor(context.stream(), other.joined);
    }

    /** A stream that runs beside the context's own two. */
    private static final class Beside implements AutoCloseable {
        private final Resources resources = new Resources();
        private final long stream;
        private final long forked;
        private final long joined;

        Beside(CudaDriver driver) {
            try {
                stream = driver.createStream(0);
                resources.add(() -> driver.destroyStream(stream));
                forked = driver.createEvent(CudaDriver.DISABLE_TIMING);
                resources.add(() -> driver.destroyEvent(forked));
                joined = driver.createEvent(CudaDriver.DISABLE_TIMING);
                resources.add(() -> driver.destroyEvent(joined));
            } catch (RuntimeException e) {
                throw resources.closeAfter(e);
            }
        }

        @Override
        public void close() {
            resources.close();
        }
    }

    /** Throws a failure since the last check; after an abort there is nothing to ask. */
    void check() {
        synchronized (open) {
            if (open.get()) {
                nccl.check(communicator);
            }
        }
    }

    /** True for the first caller, who is to end it. */
    private boolean ending() {
        // Not while another thread checks it.
        synchronized (open) {
            return open.getAndSet(false);
        }
    }

    /** Ends at once the operations that wait for other ranks; from any thread. */
    void abort() {
        if (ending()) {
            nccl.abort(communicator);
        }
    }

    /** Ends it together with all others. */
    void leave() {
        if (ending()) {
            context.synchronize();
            nccl.leave(communicator);
            closeBeside();
        }
    }

    /**
     * Not by leaving, which waits for the other ranks of the host: this one may have failed alone. The others lose
     * nothing, since all ranks have exchanged figures after the device's last sum.
     */
    @Override
    public void close() {
        if (!ofCollective && ending()) {
            context.synchronize();
            nccl.abort(communicator);
            closeBeside();
        }
    }

    private void closeBeside() {
        if (beside != null) {
            beside.close();
        }
    }
}
