package org.charlstm.device.cuda;

/**
 * A step that runs call by call the first time, when libraries load code and set themselves up, and from then on as one
 * graph, unless graphs are not wanted.
 */
final class CapturedStep implements Runnable, AutoCloseable {
    private final CudaContext context;
    private final Pace pace;
    private final boolean graphs;
    private final Runnable step;
    private boolean ran;
    private CudaGraph graph;

    CapturedStep(CudaContext context, Pace pace, boolean graphs, Runnable step) {
        this.context = context;
        this.pace = pace;
        this.graphs = graphs;
        this.step = step;
    }

    @Override
    public void run() {
        if (!ran || !graphs) {
            step.run();
            ran = true;
        } else {
            if (graph == null) {
                graph = new CudaGraph(context, step);
            }
            graph.launch();
        }
        pace.step();
    }

    @Override
    public void close() {
        if (graph != null) {
            graph.close();
        }
    }
}
