package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaException;

/** A GPU, a second stream for work beside that of the first, and warnings for the user. */
public final class GpuContext implements AutoCloseable {
    private final Cuda cuda;
    private final SideStream side;
    private final Set<String> warnings = new LinkedHashSet<>();
    private boolean overlap = true;

    /** A context on a GPU, which has to outlive it. */
    public GpuContext(Cuda cuda) {
        this.cuda = cuda;
        side = new SideStream(cuda);
    }

    public Cuda cuda() {
        return cuda;
    }

    public boolean overlaps() {
        return overlap;
    }

    /** Keeps everything on one stream from now on. */
    public void keepInOrder() {
        overlap = false;
    }

    /** Runs work after all so far, and beside that up to {@link #join}, in order, in a graph that is recorded too. */
    public void beside(Runnable work) {
        if (overlap) {
            side.run(work);
        } else {
            work.run();
        }
    }

    /** Lets the work after this wait for all work beside. */
    public void join() {
        if (overlap) {
            side.join();
        }
    }

    /** Keeps a warning for the user, once. */
    public void warn(String warning) {
        warnings.add(warning);
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    public void synchronize() {
        cuda.synchronize();
        // After a failure work beside may not have been joined.
        side.synchronize();
    }

    /** After a failure that another way may replace: throws it if it broke the context, which ends all work. */
    public void requireAfter(CudaException failure) {
        try {
            synchronize();
        } catch (CudaException e) {
            failure.addSuppressed(e);
            throw failure;
        }
    }

    /** Compute capability, for example 90. */
    public int capability() {
        return cuda.properties().capability();
    }

    public int multiprocessors() {
        return cuda.properties().multiprocessors();
    }

    /** The most shared memory that a block may have, in bytes. */
    public int sharedMemory() {
        return cuda.properties().sharedPerBlockMost();
    }

    @Override
    public void close() {
        side.close();
    }
}
