package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;

/** A GPU, a second stream for work beside that of the first, and warnings for the user. */
public final class GpuContext implements AutoCloseable {
    /** The setting of the seconds that what is tried may take. */
    public static final String DEADLINE = "CHARLSTM_DEADLINE";
    private static final double SECONDS = 10;
    private static final int MOST_SECONDS = 86_400;
    private static final int LONGER = 6;

    private final Cuda cuda;
    private final SideStream side;
    private final EarlyLaunches early;
    private final Set<String> warnings = new LinkedHashSet<>();
    /** Kernels since the last wait, other than those of recorded steps. */
    private final Set<String> launched = new LinkedHashSet<>();
    private final Duration deadline;
    private final Runnable unlimited;
    private boolean overlap = true;
    /** Says what runs, for a wait that does not end. */
    private Supplier<String> running = () -> "";

    /** A context on a GPU, which has to outlive it, and on which no wait takes for ever from now on. */
    public GpuContext(Cuda cuda) {
        this(cuda, deadline(System.getenv()));
    }

    /** With so much time for what is {@linkplain #trying tried}; a step of training has {@link #LONGER} times that. */
    GpuContext(Cuda cuda, Duration deadline) {
        this.cuda = cuda;
        this.deadline = deadline;
        early = EarlyLaunches.of(cuda);
        side = new SideStream(cuda, early);
        unlimited = cuda.limitWaits(deadline.multipliedBy(LONGER), () -> running.get() + kernels());
    }

    private static Duration deadline(Map<String, String> environment) {
        String asked = environment.getOrDefault(DEADLINE, "");
        try {
            double seconds = asked.isEmpty() ? SECONDS : Double.parseDouble(asked);
            if (seconds > 0 && seconds <= MOST_SECONDS) {
                return Duration.ofMillis(Math.max(1, Math.round(1e3 * seconds)));
            }
        } catch (NumberFormatException e) {
            // It is refused like a number out of range.
        }
        throw new CharlstmException(DEADLINE + " is '" + asked + "'; it can be a number of seconds, to "
                + MOST_SECONDS);
    }

    /** Words on the kernels of which no wait has told yet that they ended. */
    String kernels() {
        return launched.isEmpty() ? "" : "; kernels since the last wait: " + String.join(", ", launched);
    }

    /** A kernel is launched. */
    void launches(Kernel kernel) {
        launched.add(kernel.entry());
        early.kernel();
    }

    /** Which launches may begin early. */
    public EarlyLaunches early() {
        return early;
    }

    /**
     * Records work as a graph. A GPU that records no early launches gets ordinary ones from then on, and the user a
     * warning.
     *
     * @throws CudaException if the work cannot be recorded without them either
     */
    public CudaGraph record(Runnable work) {
        early.others();
        try {
            return cuda.record(work);
        } catch (CudaException e) {
            if (!early.without(true)) {
                throw e;
            }
            try {
                CudaGraph graph = cuda.record(work);
                warn("kernels wait until those before them have ended, since no graph could be recorded of kernels "
                        + "that begin earlier: " + e.getMessage());
                return graph;
            } catch (RuntimeException again) {
                early.without(false);
                throw again;
            }
        }
    }

    /** Lets waits take for ever again, since work of this GPU waits for other processes, which may be slow. */
    public void waitsForOthers() {
        unlimited.run();
    }

    /** Has a step that does not end say what runs, and how to do without it. */
    public void runs(Supplier<String> words) {
        running = words;
    }

    /**
     * Does something that may never end or break the context, and waits less long for it.
     *
     * @param what names it in the message of a failure
     */
    public <T> T trying(Supplier<String> what, Supplier<T> work) {
        Runnable before = cuda.limitWaits(deadline, () -> "it was " + what.get() + kernels());
        try {
            return work.get();
        } finally {
            before.run();
        }
    }

    public Cuda cuda() {
        return cuda;
    }

    public boolean overlaps() {
        return overlap;
    }

    /** Keeps everything on one stream from now on. */
    public void keepInOrder() {
        overlap = false;
    }

    /** Runs work after all so far, and beside that up to {@link #join}, in order, in a graph that is recorded too. */
    public void beside(Runnable work) {
        if (overlap) {
            side.run(work);
        } else {
            work.run();
        }
    }

    /** Lets the work after this wait for all work beside. */
    public void join() {
        if (overlap) {
            side.join();
        }
    }

    /** Keeps a warning for the user, once. */
    public void warn(String warning) {
        warnings.add(warning);
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    public void synchronize() {
        cuda.synchronize();
        // After a failure work beside may not have been joined.
        side.synchronize();
        launched.clear();
        early.nothing();
    }

    /** After a failure that another way may replace: throws it if it broke the context, which ends all work. */
    public void requireAfter(CudaException failure) {
        try {
            synchronize();
        } catch (CudaException e) {
            // After work that did not end every call throws the same.
            if (e != failure) {
                failure.addSuppressed(e);
            }
            throw failure;
        }
    }

    /** Compute capability, for example 90. */
    public int capability() {
        return cuda.properties().capability();
    }

    public int multiprocessors() {
        return cuda.properties().multiprocessors();
    }

    /** The most shared memory that a block may have, in bytes. */
    public int sharedMemory() {
        return cuda.properties().sharedPerBlockMost();
    }

    @Override
    public void close() {
        unlimited.run();
        side.close();
    }
}
