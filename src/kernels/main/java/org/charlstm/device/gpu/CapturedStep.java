package org.charlstm.device.gpu;

import module java.base;
import org.charlstm.cuda.CudaEvent;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.Resources;
import org.charlstm.device.gpu.tools.GpuContext;
import org.jspecify.annotations.Nullable;

/** A step that runs call by call once, when libraries load code, and then as a captured graph if possible. */
final class CapturedStep implements Runnable, AutoCloseable {
    private final GpuContext context;
    private final StepsAhead ahead;
    private final Runnable step;
    private boolean graphs;
    private boolean ran;
    /** Null until the step is captured. */
    private @Nullable CudaGraph graph;

    CapturedStep(GpuContext context, StepsAhead ahead, boolean graphs, Runnable step) {
        this.context = context;
        this.ahead = ahead;
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
        ahead.step();
    }

    /** Capturing runs nothing, so the step can still run call by call if capturing fails. */
    private void record() {
        try {
            graph = context.record(step);
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

    /**
     * Limits how far the host runs ahead of the GPU. The GPU must never wait, but an interruption, or a figure to show,
     * waits for all enqueued steps. A ring of events marks the steps. The host waits for an earlier step: the distance
     * is the number of steps that the GPU does in a fifth of a second.
     */
    static final class StepsAhead implements AutoCloseable {
        private static final double SECONDS_AHEAD = 0.2;
        private static final int SLOTS = 64;

        private final LongSupplier clock;
        private final List<CudaEvent> events = new ArrayList<>();
        private final Resources resources = new Resources();
        private long steps;
        /** The last step that the host waited for, and the time when this wait ended. */
        private long done = -1;
        private long doneAt;
        private int distance = 1;

        StepsAhead(GpuContext context, LongSupplier clock) {
            this.clock = clock;
            try {
                for (int i = 0; i < SLOTS; i++) {
                    CudaEvent event = context.cuda().newEvent(false);
                    resources.add(event::close);
                    events.add(event);
                }
            } catch (RuntimeException e) {
                throw resources.closeAfter(e);
            }
        }

        void step() {
            events.get((int) (steps % SLOTS)).record();
            long next = steps - distance;
            if (next > done) {
                events.get((int) (next % SLOTS)).synchronize();
                long now = clock.getAsLong();
                if (done >= 0) {
                    double seconds = 1e-9 * (now - doneAt) / (next - done);
                    distance = Math.clamp((long) (SECONDS_AHEAD / seconds), 1, Math.min(distance + 1, SLOTS - 1));
                }
                done = next;
                doneAt = now;
            }
            steps++;
        }

        @Override
        public void close() {
            resources.close();
        }
    }
}
