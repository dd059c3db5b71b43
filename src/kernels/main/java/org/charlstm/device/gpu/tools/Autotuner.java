package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.Resources;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fastest of several candidates for a task, or the first that runs if nothing is timed. A candidate that
 * fails, or computes wrong results, is listed and skipped, as long as the context still works.
 */
public final class Autotuner {
    /** A candidate must stay below this share of the best time. A smaller gain may be noise, and roundings differ. */
    private static final double CLEARLY_FASTER = 0.9;
    /** The same share between two own kernels, which differ by a few launches only. */
    private static final double FASTER = 0.97;
    /** Seconds of work before anything is timed, in which an idle card reaches its full clock. */
    private static final double WARM_UP_SECONDS = 0.05;
    /** Runs of each candidate, of which the median counts. */
    private static final int RUNS = 7;
    /** Slow candidates run fewer times: no new round of runs begins after these seconds. */
    private static final double MOST_SECONDS = 0.5;

    private final GpuContext context;
    /** Whether steps will be captured as graphs. */
    private final boolean graphs;
    /** Counts nanoseconds. Null if times mean nothing; candidates are then neither timed nor compared. */
    private final @Nullable LongSupplier clock;
    private final ExcludedCandidates leftOut;

    public interface Candidate {
        String title();

        /** Whether NVIDIA's library runs this candidate. */
        boolean library();

        /** The name under which this candidate, and all that fail together with it, are excluded. */
        default String family() {
            return library() ? title() : title().replaceFirst(" .*", "");
        }
    }

    public interface Task<C extends Candidate> {
        /** The operation's name, for warnings. */
        String title();

        /** The reference's name, for warnings. */
        String reference();

        /** Text that follows each time in the report and names the other work in it. */
        default String timedWith() {
            return "";
        }

        /** Opens a candidate. If this fails, nothing stays open. */
        Trial open(C candidate);
    }

    public interface Trial extends AutoCloseable {
        /** Overwrites all earlier results, to expose values that a step does not write, if candidates share memory. */
        default void prepare() {
        }

        void step();

        /** Whether the results of the last step are right, apart from rounding. */
        boolean agrees();

        @Override
        void close();
    }

    /** The best candidate, or empty if none works; the findings on all candidates; and the last failure, or null. */
    public record Outcome<C extends Candidate>(Optional<C> best, List<String> findings,
            @Nullable CharlstmException failure) {
        /** Throws if memory ran out, since this says nothing about which candidates work. */
        public void throwIfOutOfMemory() {
            if (failure instanceof CudaException cuda && cuda.outOfMemory()) {
                throw cuda;
            }
        }
    }

    public Autotuner(GpuContext context, boolean graphs, @Nullable LongSupplier clock) {
        this(context, graphs, clock, ExcludedCandidates.NONE);
    }

    /** A tuner with candidates that are tried only if they are named. */
    public Autotuner(GpuContext context, boolean graphs, @Nullable LongSupplier clock, ExcludedCandidates leftOut) {
        this.context = context;
        this.graphs = graphs;
        this.clock = clock;
        this.leftOut = leftOut;
    }

    /** The candidates that are not excluded; the reasons for excluding the others are added to the findings. */
    public <C extends Candidate> List<C> allowed(List<C> candidates, List<String> findings) {
        List<C> allowed = new ArrayList<>();
        for (C candidate : candidates) {
            leftOut.why(candidate).filter(why -> !findings.contains(why)).ifPresent(findings::add);
            if (leftOut.why(candidate).isEmpty()) {
                allowed.add(candidate);
            }
        }
        return allowed;
    }

    /** Whether candidates are timed, and compared with the reference. */
    public boolean timed() {
        return clock != null;
    }

    /** Chooses a candidate. If candidates compete, all are tried; otherwise only until the first works. */
    public <C extends Candidate> Outcome<C> choose(Task<C> task, List<C> candidates, boolean competing) {
        Choice<C> choice = new Choice<>(task);
        try (Resources opened = new Resources()) {
            for (C candidate : candidates) {
                if (choice.serves(candidate, opened) && !(competing && timed())) {
                    break;
                }
            }
            return new Outcome<>(choice.best(), List.copyOf(choice.findings), choice.last);
        }
    }

    /** Whether no difference exceeds a share of the largest expected value; false if a result is NaN. */
    public static boolean near(double[] expected, double[] actual, double share) {
        double allowed = share * Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length).noneMatch(i -> !(Math.abs(actual[i] - expected[i]) <= allowed));
    }

    /** One line with the candidate that was taken and the findings. */
    public static String report(String title, Candidate taken, List<String> findings) {
        return title + ": " + taken.title() + (findings.isEmpty() ? "" : " (" + String.join(", ", findings) + ")");
    }

    private static String failed(String title, CudaException failure) {
        return title + " failed with status " + failure.status() + " (" + failure.statusName() + ")";
    }

    private final class Choice<C extends Candidate> {
        private final Task<C> task;
        private final List<Running> serving = new ArrayList<>();
        private final List<String> findings = new ArrayList<>();
        private @Nullable CharlstmException last;

        private Choice(Task<C> task) {
            this.task = task;
        }

        private final class Running {
            private final C candidate;
            private final Trial trial;
            private final List<Double> seconds = new ArrayList<>();
            private @Nullable CudaGraph graph;
            /** Why the step could not be captured; null if it was captured or need not be. */
            private @Nullable CudaException unrecorded;

            private Running(C candidate, Trial trial) {
                this.candidate = candidate;
                this.trial = trial;
            }

            /** Captures the step if that is possible; otherwise the candidate still runs call by call. */
            private void record(Resources opened) {
                try {
                    CudaGraph recorded = context.record(trial::step);
                    opened.add(recorded::close);
                    opened.add(context::synchronize);
                    graph = recorded;
                    trial.prepare();
                    recorded.launch();
                    context.synchronize();
                } catch (CudaException e) {
                    requireAfter(candidate, e);
                    unrecorded = e;
                }
            }

            /** Compares the results of the captured step. A step that cannot be captured has been compared already. */
            private boolean agreesRecorded(Resources opened) {
                record(opened);
                return unrecorded != null || trial.agrees();
            }

            /** Times a step as it will run in training: captured if possible. Returns false if the candidate failed. */
            private boolean run(LongSupplier time) {
                try {
                    return trying(candidate, () -> {
                        double begin = now(time);
                        if (graph == null) {
                            trial.step();
                        } else {
                            graph.launch();
                        }
                        context.synchronize();
                        seconds.add(now(time) - begin);
                        return true;
                    });
                } catch (CudaException e) {
                    doesNotServe(candidate, e);
                    return false;
                }
            }

            private double median() {
                return seconds.stream().sorted().toList().get(seconds.size() / 2);
            }
        }

        private <T> T trying(C candidate, Supplier<T> work) {
            return context.trying(() -> candidate.title() + " for " + task.title(), work);
        }

        private boolean serves(C candidate, Resources opened) {
            try {
                return trying(candidate, () -> servesInTime(candidate, opened));
            } catch (CharlstmException e) {
                doesNotServe(candidate, e);
                return false;
            }
        }

        private boolean servesInTime(C candidate, Resources opened) {
            Trial trial = open(candidate);
            opened.add(trial::close);
            Running running = new Running(candidate, trial);
            if (!timed() || (trial.agrees() && (!graphs || running.agreesRecorded(opened)))) {
                serving.add(running);
                return true;
            }
            findings.add(candidate.title() + " computes something else");
            if (!candidate.library()) {
                context.warn(task.title() + ": " + candidate.title() + " computes something else on this GPU than "
                        + task.reference() + " and is not used; please report it");
            }
            return false;
        }

        private Trial open(C candidate) {
            Trial trial = task.open(candidate);
            try {
                trial.prepare();
                trial.step();
                context.synchronize();
                return trial;
            } catch (RuntimeException e) {
                throw Resources.closeAfter(e, trial::close);
            }
        }

        private void doesNotServe(C candidate, CharlstmException failure) {
            if (failure instanceof CudaException e) {
                requireAfter(candidate, e);
                findings.add(failed(candidate.title(), e));
            } else {
                findings.add(candidate.title() + ": " + failure.getMessage());
            }
            last = failure;
        }

        /** Throws if a failure broke the context; the candidate is then excluded from the next run on. */
        private void requireAfter(C candidate, CudaException failure) {
            try {
                context.requireAfter(failure);
            } catch (CudaException e) {
                leftOut.add(candidate, task.title(), e);
                throw e.with("it came while " + candidate.title() + " was tried for " + task.title()
                        + context.kernels(),
                        "start again, and auto leaves it out, or set " + ExcludedCandidates.SETTING + "="
                                + candidate.family());
            }
        }

        /** The fastest of the candidates that work, or the only one. */
        private Optional<C> best() {
            if (clock == null || serving.size() <= 1) {
                return serving.stream().map(each -> each.candidate).findFirst();
            }
            measure(clock);
            C best = null;
            double least = Double.POSITIVE_INFINITY;
            for (Running each : serving) {
                C candidate = each.candidate;
                findings.add(String.format(Locale.ROOT, "%s %.3f ms%s%s", candidate.title(), 1e3 * each.median(),
                        task.timedWith(),
                        each.unrecorded == null ? "" : failed(", for recording it", each.unrecorded)));
                boolean alike = best != null && !best.library() && !candidate.library();
                if (each.median() < (alike ? FASTER : CLEARLY_FASTER) * least) {
                    best = candidate;
                    least = each.median();
                }
            }
            return Optional.ofNullable(best);
        }

        /** Times the candidates in turns, so other work of the machine slows all; removes candidates that fail. */
        private void measure(LongSupplier time) {
            double begin = now(time);
            do {
                serving.removeIf(each -> !each.run(time));
            } while (!serving.isEmpty() && now(time) - begin < WARM_UP_SECONDS);
            serving.forEach(each -> each.seconds.clear());
            for (int run = 0; run < RUNS && (run == 0 || now(time) - begin < MOST_SECONDS); run++) {
                serving.removeIf(each -> !each.run(time));
            }
        }

        private static double now(LongSupplier time) {
            return 1e-9 * time.getAsLong();
        }
    }
}
