package org.charlstm.cuda;

/** Recorded work that runs again at one call. The memory that it uses must outlive it. */
public final class CudaGraph implements AutoCloseable {
    private final CudaContext context;
    private final long executable;
    private final Resources resources = new Resources();

    /** Records the operations that {@code work} enqueues on the context's stream; none runs yet. */
    public CudaGraph(CudaContext context, Runnable work) {
        this.context = context;
        CudaDriver driver = context.driver();
        long graph = record(context, work);
        resources.add(() -> driver.destroyGraph(graph));
        try {
            executable = driver.instantiate(graph);
            resources.add(() -> driver.destroyExecutable(executable));
        } catch (RuntimeException e) {
            throw resources.closeAfter(e);
        }
    }

    /** Ends the capture also when the work fails, since the stream could not be used otherwise. */
    private static long record(CudaContext context, Runnable work) {
        CudaDriver driver = context.driver();
        driver.beginCapture(context.stream());
        try {
            work.run();
        } catch (RuntimeException e) {
            throw Resources.closeAfter(e, () -> driver.destroyGraph(driver.endCapture(context.stream())));
        }
        return driver.endCapture(context.stream());
    }

    public void launch() {
        context.driver().launchGraph(executable, context.stream());
    }

    @Override
    public void close() {
        resources.close();
    }
}
