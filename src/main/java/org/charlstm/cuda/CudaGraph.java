package org.charlstm.cuda;

/** Recorded work that runs again at one call. What it points to must outlive it. */
public final class CudaGraph implements AutoCloseable {
    private final CudaContext context;
    private final long executable;
    private final Resources resources = new Resources();

    /** Records what {@code work} enqueues on the context's stream; nothing of it runs yet. */
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

    /** A capture that was begun is ended also when the work fails, or the stream could not be used again. */
    private static long record(CudaContext context, Runnable work) {
        CudaDriver driver = context.driver();
        driver.beginCapture(context.stream());
        try {
            work.run();
        } catch (RuntimeException e) {
            Resources abandoned = new Resources();
            abandoned.add(() -> driver.destroyGraph(driver.endCapture(context.stream())));
            throw abandoned.closeAfter(e);
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
