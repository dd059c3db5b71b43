package org.charlstm.device.gpu.tools;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.Resources;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fastest of several candidates for a task, or the first that runs where nothing is timed. A candidate that
 * fails, or computes something else than it should, is listed and skipped, as long as the context goes on.
 */
public final class Autotuner {
    /** A smaller gain is noise, which must not decide: each candidate rounds in its own way. */
    private static final double CLEARLY_FASTER = 0.9;
    /** The same between own kernels, which differ by a few launches only. */
    private static final double FASTER = 0.97;
    /** Work before anything is timed, in which an idle card comes up to speed. */
    private static final double WARM_UP_SECONDS = 0.05;
    /** Each candidate runs so often, and the median counts. */
    private static final int RUNS = 7;
    /** Slow candidates run fewer times. */
    private static final double MOST_SECONDS = 0.5;

    private final GpuContext context;
    /** Whether steps will be recorded. */
    private final boolean graphs;
    /** Tells nanoseconds; null where they mean nothing: then nothing is timed, nor compared. */
    private final @Nullable LongSupplier clock;
    private final ExcludedCandidates leftOut;

    public interface Candidate {
        String title();

        /** Whether NVIDIA's library runs it. */
        boolean library();

        /** Names it and those that fail with it. */
        default String family() {
            return library() ? title() : title().replaceFirst(" .*", "");
        }
    }

    public interface Task<C extends Candidate> {
        /** The operation's name, for warnings. */
        String title();

        /** The reference's name, for warnings. */
        String reference();

        /** Added to each time: other work that it includes. */
        default String timedWith() {
            return "";
        }

        /** Opens a candidate; a failure leaves nothing open. */
        Trial open(C candidate);
    }

    public interface Trial extends AutoCloseable {
        /** Spoils the results of earlier steps, of whichever candidate; nothing where candidates share no memory. */
        default void prepare() {
        }

        void step();

        /** Whether the results of the last step are right, apart from roundings. */
        boolean agrees();

        @Override
        void close();
    }

    /** The best, empty if none serves, what was found of each, and why the last of those that failed did, or null. */
    public record Outcome<C extends Candidate>(Optional<C> best, List<String> findings,
            @Nullable CharlstmException failure) {
        /** Too little memory says nothing about which candidate would serve. */
        public void throwIfOutOfMemory() {
            if (failure instanceof CudaException cuda && cuda.outOfMemory()) {
                throw cuda;
            }
        }
    }

    public Autotuner(GpuContext context, boolean graphs, @Nullable LongSupplier clock) {
        this(context, graphs, clock, ExcludedCandidates.NONE);
    }

    /** With candidates that are not tried unless they are named. */
    public Autotuner(GpuContext context, boolean graphs, @Nullable LongSupplier clock, ExcludedCandidates leftOut) {
        this.context = context;
        this.graphs = graphs;
        this.clock = clock;
        this.leftOut = leftOut;
    }

    /** Those that nothing leaves out; why the others are is added to what was found. */
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

    /** Whether candidates are timed, and compared with what is right. */
    public boolean timed() {
        return clock != null;
    }

    /** Chooses; where candidates compete, all are tried, rather than all up to the first that serves. */
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

    /** Whether nothing differs by more than a share of the largest value expected; NaN does. */
    public static boolean near(double[] expected, double[] actual, double share) {
        double allowed = share * Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length).noneMatch(i -> !(Math.abs(actual[i] - expected[i]) <= allowed));
    }

    /** A line that says what was taken, and what was found. */
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
            /** Why the step could not be recorded; null if it was, or need not be. */
            private @Nullable CudaException unrecorded;

            private Running(C candidate, Trial trial) {
                this.candidate = candidate;
                this.trial = trial;
            }

            /** Records the step if that can be done; else it serves all the same, call by call. */
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

            /** A step that cannot be recorded was compared before. */
            private boolean agreesRecorded(Resources opened) {
                record(opened);
                return unrecorded != null || trial.agrees();
            }

            /** Times a step as it will run in training: recorded if it can be. Tells whether it still serves. */
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

        /** A failure that broke the context ends all work, and has its candidate left out from the next run on. */
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

        /** The fastest of those that serve, or the only one. */
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

        /** The candidates take turns, so that what else the machine does slows all of them; those that fail go. */
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
