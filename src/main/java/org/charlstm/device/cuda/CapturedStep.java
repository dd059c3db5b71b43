package org.charlstm.device.cuda;

/**
 * A step that runs call by call the first time, when libraries load code and set themselves up, and from then on as one
 * graph.
 */
final class CapturedStep implements Runnable, AutoCloseable {
    private final CudaContext context;
    private final Runnable step;
    private boolean ran;
    private CudaGraph graph;

    CapturedStep(CudaContext context, Runnable step) {
        this.context = context;
        this.step = step;
    }

    @Override
    public void run() {
        if (!ran) {
            step.run();
            ran = true;
            return;
        }
        if (graph == null) {
            graph = new CudaGraph(context, step);
        }
        graph.launch();
    }

    @Override
    public void close() {
        if (graph != null) {
            graph.close();
        }
    }
}
