package org.charlstm.cuda;

import java.util.List;
import java.util.Objects;
import org.charlstm.cuda.binding.CudaDriver;

/**
 * Recorded work that one call runs again, with the addresses and numbers of the recording. The graph checks at each
 * launch that the modules, buffers, pinned memory, plans and networks that the work uses are still open. Communicators,
 * the streams of products, and memory given as an address must outlive the graph too, unchecked. Each kernel keeps the
 * priority of the stream that recorded it; with a driver before CUDA 11.7 it takes the priority of the launching
 * stream.
 *
 * <p>Events fork a graph, and join it again:
 *
 * {@snippet :
 * CudaGraph graph = gpu.record(() -> {
 *     first.launch();
 *     begun.record();
 *     gpu.on(side, () -> {
 *         side.waitFor(begun);        // takes part in the recording from here on
 *         beside.launch();
 *         done.record();
 *     });
 *     second.launch();                // runs beside the other
 *     gpu.stream().waitFor(done);     // each branch has to be joined before the recording ends
 *     last.launch();
 * });
 * }
 */
public final class CudaGraph extends CudaObject {
    private final Resources resources = new Resources();
    private long executable;
    /** Every object must be open when the graph is launched. */
    private List<CudaObject> used;
    /** The host functions that a launch runs. */
    private List<HostFunctions.Call> functions;

    CudaGraph(Cuda cuda, Runnable work) {
        super(cuda, "a graph");
        CudaDriver driver = cuda.driver();
        Recording recording = new Recording(cuda.stream());
        long graph = record(cuda, recording, work);
        used = recording.used();
        functions = recording.functions();
        resources.add(() -> functions.forEach(HostFunctions.Call::drop));
        resources.add(() -> driver.cuGraphDestroy(graph));
        try {
            executable = driver.instantiate(graph);
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
        opened();
    }

    /** Captures work. Ends the capture even if the work fails, since the stream is unusable during a capture. */
    private static long record(Cuda cuda, Recording recording, Runnable work) {
        CudaDriver driver = cuda.driver();
        Objects.requireNonNull(work, "the work is null");
        long stream = cuda.stream().handle();
        driver.cuStreamBeginCapture_v2(stream, CudaDriver.CAPTURE_THREAD_LOCAL);
        boolean recorded = false;
        try {
            cuda.current().recorded(recording, work);
            recorded = true;
            return driver.endCapture(stream);
        } catch (RuntimeException | Error e) {
            recording.functions().forEach(HostFunctions.Call::drop);
            if (!recorded) {
                Throwable _ = Resources.closeAfter(e, () -> driver.cuGraphDestroy(driver.endCapture(stream)));
            }
            throw e;
        }
    }

    /** Enqueues the recorded work on the current stream. */
    public void launch() {
        CudaDriver driver = driver();
        for (CudaObject object : used) {
            if (!object.isOpen()) {
                throw new IllegalStateException("a graph was launched after " + object + " was closed, which it uses; "
                        + "close that after the graph");
            }
        }
        long stream = cuda().current().handle();
        used.forEach(cuda().current()::uses);
        List<HostFunctions.Call> now = functions.isEmpty() ? functions
                : functions.stream().filter(call -> !cuda().current().keeps(call)).toList();
        now.forEach(HostFunctions.Call::expect);
        try {
            driver.cuGraphLaunch(executable, stream);
        } catch (RuntimeException e) {
            now.forEach(HostFunctions.Call::done);
            throw e;
        }
    }

    /**
     * Replaces the recorded work. If the operations and their order stay the same, only their addresses and numbers are
     * updated, which is much faster than a new graph.
     *
     * @return whether only addresses and numbers changed; otherwise the graph was made anew
     * @throws IllegalStateException if the work closes this graph
     */
    public boolean update(Runnable work) {
        CudaDriver driver = driver();
        Recording recording = new Recording(cuda().stream());
        long graph = record(cuda(), recording, work);
        List<HostFunctions.Call> unused = recording.functions();
        try {
            if (!isOpen()) {
                throw new IllegalStateException("a graph was closed by the work that it was updated to; close it after "
                        + "the update");
            }
            boolean same = driver.update(executable, graph);
            long old = executable;
            executable = same ? old : driver.instantiate(graph);
            used = recording.used();
            unused = functions;
            functions = recording.functions();
            if (!same) {
                driver.cuGraphExecDestroy(old);
            }
            return same;
        } finally {
            unused.forEach(HostFunctions.Call::drop);
            driver.cuGraphDestroy(graph);
        }
    }

    @Override
    void release(CudaDriver driver) {
        resources.add(() -> driver.cuGraphExecDestroy(executable));
        resources.close();
    }
}
