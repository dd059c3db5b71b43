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
 * Sums in the memory of GPUs, one GPU a rank, as operations of the context's stream, which a graph records. In which
 * order values are added is NCCL's affair: it follows from the number of elements, the ranks and how their GPUs are
 * connected, so that it is the same in every run on the same machines, and all ranks get the same bits.
 */
final class NcclSum implements RankSum {
    private final CudaContext context;
    private final Nccl nccl;
    private final long communicator;
    private final AtomicBoolean open = new AtomicBoolean(true);
    /** Null until something is begun. */
    private @Nullable Beside beside;

    /**
     * Joins the other ranks' GPUs.
     *
     * @param id the same in all ranks
     */
    NcclSum(CudaContext context, Nccl nccl, int size, byte[] id, int rank) {
        this.context = context;
        this.nccl = nccl;
        // On the GPU whose context is this thread's.
        Objects.requireNonNull(context.driver());
        communicator = nccl.join(size, id, rank);
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
        // Of what was ended at once nothing is called any more; whoever ended it says why.
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

    /** A stream for what runs beside all others, which has the context's own two to itself. */
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

    /** Throws what has failed; what was ended at once is gone, and cannot be asked. */
    void check() {
        synchronized (open) {
            if (open.get()) {
                nccl.check(communicator);
            }
        }
    }

    /** True for the first who asks, who is to end it. */
    private boolean ending() {
        // Not while somebody asks it how it is.
        synchronized (open) {
            return open.getAndSet(false);
        }
    }

    /** Ends at once what waits for other ranks; from any thread. */
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
     * Not by leaving, which waits for the other ranks of the host: this one may have failed alone. Nothing of theirs is
     * lost, for they have told each other what the device has summed since.
     */
    @Override
    public void close() {
        if (ending()) {
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
