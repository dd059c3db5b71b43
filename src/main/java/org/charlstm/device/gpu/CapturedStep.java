package org.charlstm.device.gpu;

import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.jspecify.annotations.Nullable;

/**
 * A step that runs call by call the first time, when libraries load code, and from then on as one recorded graph,
 * unless graphs are not wanted or the step cannot be recorded.
 */
public final class CapturedStep implements Runnable, AutoCloseable {
    private final CudaContext context;
    private final StepsAhead pace;
    private final Runnable step;
    private boolean graphs;
    private boolean ran;
    /** Null until the step is recorded. */
    private @Nullable CudaGraph graph;

    public CapturedStep(CudaContext context, StepsAhead pace, boolean graphs, Runnable step) {
        this.context = context;
        this.pace = pace;
        this.graphs = graphs;
        this.step = step;
    }

    @Override
    public void run() {
        if (ran && graphs && graph == null) {
            record();
        }
        if (graph == null) {
            step.run();
            ran = true;
        } else {
            graph.launch();
        }
        pace.step();
    }

    /** Recording runs nothing: if it fails, the step can still run call by call. */
    private void record() {
        try {
            graph = new CudaGraph(context, step);
        } catch (CudaException e) {
            graphs = false;
            context.warn("steps run call by call, not as one recorded graph: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        if (graph != null) {
            graph.close();
        }
    }
}
