package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaProperties;

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

    /** The GPU. */
    public Cuda cuda() {
        return cuda;
    }

    /** Enqueues a copy between two addresses of the GPU. */
    public void copy(long to, long from, long bytes) {
        cuda.copy(to, from, bytes);
    }

    /** Whether work can run beside other work. */
    public boolean overlaps() {
        return overlap;
    }

    /** Keeps everything on one stream from now on. */
    public void keepInOrder() {
        overlap = false;
    }

    /**
     * Runs work after all work so far, and beside the work after it up to {@link #join}; several such calls run in
     * order. A graph that is being recorded takes it in.
     */
    public void beside(Runnable work) {
        if (!overlap) {
            work.run();
            return;
        }
        side.run(work);
    }

    /** Lets the work after this wait for all work beside. */
    public void join() {
        if (!overlap) {
            return;
        }
        side.join();
    }

    /** Keeps a warning for the user, once. */
    public void warn(String warning) {
        warnings.add(warning);
    }

    /** The warnings, in order. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Waits until all work so far is done. */
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
        return properties().capability();
    }

    /** How many multiprocessors the GPU has. */
    public int multiprocessors() {
        return properties().multiprocessors();
    }

    /** The most shared memory that a block may have, in bytes. */
    public int sharedMemory() {
        return properties().sharedPerBlockMost();
    }

    private CudaProperties properties() {
        return cuda.properties();
    }

    @Override
    public void close() {
        side.close();
    }
}
