package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.Resources;

/** A GPU, side streams for work beside the main stream's, and warnings for the user. */
public final class GpuContext implements AutoCloseable {
    /** The environment variable with the seconds that {@linkplain #trying tried} work may take. */
    public static final String DEADLINE = "CHARLSTM_DEADLINE";
    private static final double SECONDS = 10;
    private static final int MOST_SECONDS = 86_400;
    private static final int LONGER = 6;

    private final Cuda cuda;
    /** The side streams by number, opened when first used. */
    private final List<SideStream> sides = new ArrayList<>();
    private final Resources resources = new Resources();
    private final EarlyLaunches early;
    private final Set<String> warnings = new LinkedHashSet<>();
    /** Kernels launched since the last wait, other than those of captured steps. */
    private final Set<String> launched = new LinkedHashSet<>();
    private final Duration deadline;
    private final Runnable unlimited;
    private boolean overlap = true;
    /** Describes the work that runs, for the message of a wait that does not end. */
    private Supplier<String> running = () -> "";

    /** A context on a GPU; close the context before the GPU. From here on, every wait on this GPU has a time limit. */
    public GpuContext(Cuda cuda) {
        this(cuda, deadline(System.getenv()));
    }

    /** Limits waits for {@linkplain #trying tried} work, and {@link #LONGER} times as much for a step of training. */
    GpuContext(Cuda cuda, Duration deadline) {
        this.cuda = cuda;
        this.deadline = deadline;
        early = EarlyLaunches.of(cuda);
        side(0);
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
            // This is refused like a number out of range.
        }
        throw new CharlstmException(DEADLINE + " is '" + asked + "'; it can be a number of seconds, to "
                + MOST_SECONDS);
    }

    /** Text that names the kernels launched since the last wait; they may still run. */
    String kernels() {
        return launched.isEmpty() ? "" : "; kernels since the last wait: " + String.join(", ", launched);
    }

    /** Records that a kernel was launched. */
    void launches(Kernel kernel) {
        launched.add(kernel.entry());
        early.kernel();
    }

    /** Tells which launches may begin early. */
    public EarlyLaunches early() {
        return early;
    }

    /**
     * Captures work as a graph. If the GPU cannot capture early launches, all later launches are ordinary, and the user
     * gets a warning.
     *
     * @throws CudaException if the work cannot be captured without early launches either
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

    /** Removes the limits of waits, since this GPU now waits for other processes, which may be slow. */
    public void waitsForOthers() {
        unlimited.run();
    }

    /** Sets the text for a step that does not end: the work that runs, and how to do without it. */
    public void runs(Supplier<String> words) {
        running = words;
    }

    /** Does work that may never end or may break the context, and waits less long. {@code what} names the work. */
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

    /** Keeps all work on one stream from now on. */
    public void keepInOrder() {
        overlap = false;
    }

    /** Runs work on the first side stream, as {@link #beside(int, Runnable)} does. */
    public void beside(Runnable work) {
        beside(0, work);
    }

    /**
     * Runs work on a side stream after all work so far on the current stream, and beside later work up to {@link
     * #join(int)}.
     */
    public void beside(int side, Runnable work) {
        if (overlap) {
            side(side).run(work);
        } else {
            work.run();
        }
    }

    /** Runs work on a side stream after this side stream's work alone, where {@link #beside} has run something. */
    public void further(int side, Runnable work) {
        if (overlap) {
            side(side).further(work);
        } else {
            work.run();
        }
    }

    /** Makes the current stream's later work wait for all work on the first side stream. */
    public void join() {
        join(0);
    }

    /** Makes the current stream's later work wait for all work on a side stream. */
    public void join(int side) {
        if (overlap) {
            side(side).join();
        }
    }

    private SideStream side(int number) {
        while (sides.size() <= number) {
            SideStream opened = new SideStream(cuda, early);
            resources.add(opened::close);
            sides.add(opened);
        }
        return sides.get(number);
    }

    /** Keeps a warning for the user; a repeated warning counts once. */
    public void warn(String warning) {
        warnings.add(warning);
    }

    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    public void synchronize() {
        cuda.synchronize();
        // After a failure, the side streams' work may not have been joined.
        sides.forEach(SideStream::synchronize);
        launched.clear();
        early.nothing();
    }

    /** Throws the failure if it broke the context; if it did not, the caller may try another way. */
    public void requireAfter(CudaException failure) {
        try {
            synchronize();
        } catch (CudaException e) {
            // After work that did not end, every call throws the same exception.
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
        resources.close();
    }
}
