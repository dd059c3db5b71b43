package org.charlstm.rank;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.charlstm.device.Matrix;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.binding.Nccl;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.memory.CudaMatrix;

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
        CudaMatrix matrix = CudaMatrix.of(flat);
        if (matrix.type() != CudaType.FLOAT32) {
            throw new IllegalArgumentException("a sum over ranks of " + matrix.type());
        }
        check();
        context.driver();
        nccl.allReduce(matrix.pointer(), matrix.pointer(), matrix.count(), Nccl.FLOAT32, Nccl.SUM, communicator,
                context.stream());
    }

    /** Throws what has failed; what was ended at once is gone, and cannot be asked. */
    void check() {
        if (open.get()) {
            nccl.check(communicator);
        }
    }

    /** Ends at once what waits for other ranks; from any thread. */
    void abort() {
        if (open.getAndSet(false)) {
            nccl.abort(communicator);
        }
    }

    @Override
    public void close() {
        if (open.getAndSet(false)) {
            context.synchronize();
            nccl.leave(communicator);
        }
    }
}
