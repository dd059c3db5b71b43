package org.charlstm.device.gpu;

import java.util.List;
import java.util.Optional;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/** One way to run a shape, on trial: whether it runs, what it computes, and how long that takes. */
final class LstmTrial implements AutoCloseable {
    private final CudaContext context;
    private final LstmCandidate candidate;
    private final Runnable step;
    private final TrialBuffers buffers;
    private final Resources resources = new Resources();
    private @Nullable CudaGraph graph;
    private @Nullable CudaException unrecorded;

    /**
     * Runs a step.
     *
     * @param above the head that goes with it in training; null for none
     * @throws org.charlstm.CharlstmException if it does not run
     */
    LstmTrial(CudaContext context, LstmCandidate candidate, Lstm.Shape shape, TrialBuffers buffers,
            @Nullable HeadAbove above) {
        this.context = context;
        this.candidate = candidate;
        this.buffers = buffers;
        GpuMemory memory = buffers.memory();
        resources.add(memory::close);
        try {
            Lstm lstm = candidate.opener().open(memory, 0);
            TrialHead head = above == null ? null
                    : new TrialHead(above, memory, lstm.partRows(shape.steps(), shape.batch()));
            step = () -> buffers.step(lstm, shape, head);
            buffers.prepare();
            step.run();
            context.synchronize();
        } catch (RuntimeException e) {
            // What was started may still use the spaces; closing the memory waits for it.
            throw resources.closeAfter(e);
        }
    }

    /** Records the step, if that can be done, and runs it. */
    void record() {
        try {
            graph = new CudaGraph(context, step);
            resources.add(graph::close);
            buffers.prepare();
            graph.launch();
            context.synchronize();
        } catch (CudaException e) {
            // It serves all the same: a step that cannot be recorded is told call by call.
            context.requireAfter(e);
            unrecorded = e;
        }
    }

    LstmCandidate candidate() {
        return candidate;
    }

    /** Some of what the last step computed, which was this one's. */
    List<double[]> results() {
        return buffers.results();
    }

    /** Why the step could not be recorded, if so. */
    Optional<CudaException> unrecorded() {
        return Optional.ofNullable(unrecorded);
    }

    /** Starts a step as it will run in training: recorded if it can be, for then its launches cost the host nothing. */
    void start() {
        if (graph == null) {
            step.run();
        } else {
            graph.launch();
        }
    }

    /** Waits for what was started. */
    @Override
    public void close() {
        resources.add(context::synchronize);
        resources.close();
    }
}
