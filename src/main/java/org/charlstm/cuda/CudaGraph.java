package org.charlstm.cuda;

import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Resources;

/**
 * Recorded work that runs again at one call. It keeps the addresses and numbers that it was recorded with: buffers,
 * modules, networks, communicators and the streams of products have to outlive it.
 */
public final class CudaGraph extends CudaObject {
    private final Resources resources = new Resources();
    private long executable;

    CudaGraph(Cuda cuda, Runnable work) {
        super(cuda, "a graph");
        CudaDriver driver = cuda.driver();
        long graph = record(cuda, work);
        resources.add(() -> driver.destroyGraph(graph));
        try {
            executable = driver.instantiate(graph);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
        opened();
    }

    /** Ends the capture also when the work fails, since the stream could not be used otherwise. */
    private static long record(Cuda cuda, Runnable work) {
        CudaDriver driver = cuda.driver();
        long stream = cuda.stream().handle();
        driver.beginCapture(stream);
        boolean before = cuda.copies().refuse(true);
        try {
            work.run();
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, () -> driver.destroyGraph(driver.endCapture(stream)));
        } catch (Error e) {
            try (Resources capture = new Resources()) {
                capture.add(() -> driver.destroyGraph(driver.endCapture(stream)));
            } catch (RuntimeException failure) {
                e.addSuppressed(failure);
            }
            throw e;
        } finally {
            cuda.copies().refuse(before);
        }
        return driver.endCapture(stream);
    }

    /** Enqueues the work on the current stream. */
    public void launch() {
        driver().launchGraph(executable, cuda().stream().handle());
    }

    /**
     * Records work anew in place of the old. Where the operations are the same, in the same order, only their addresses
     * and numbers change, which is much faster than a new graph.
     *
     * @return whether only those changed; else the graph was made anew
     */
    public boolean update(Runnable work) {
        CudaDriver driver = driver();
        long graph = record(cuda(), work);
        try {
            if (driver.update(executable, graph)) {
                return true;
            }
            long fresh = driver.instantiate(graph);
            long old = executable;
            executable = fresh;
            driver.destroyExecutable(old);
            return false;
        } finally {
            driver.destroyGraph(graph);
        }
    }

    @Override
    void release(CudaDriver driver) {
        resources.add(() -> driver.destroyExecutable(executable));
        resources.close();
    }
}
