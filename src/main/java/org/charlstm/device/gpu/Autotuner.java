package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.Resources;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fastest of several candidates for a task, or the first that runs where nothing is timed. A candidate that
 * fails, or computes something else than it should, is listed and skipped, as long as the context goes on.
 */
final class Autotuner {
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

    private final CudaContext context;
    private final boolean graphs;
    private final @Nullable LongSupplier clock;

    /** A way to do a task. */
    interface Candidate {
        String title();

        /** Whether NVIDIA's library runs it. */
        boolean library();
    }

    /** A choice to be made. */
    interface Task<C extends Candidate> {
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

    /** A candidate that is open. */
    interface Trial extends AutoCloseable {
        /** Spoils the results of earlier steps, of whichever candidate. */
        void prepare();

        /** Enqueues a step. */
        void step();

        /** Whether the results of the last step are right, apart from roundings. */
        boolean agrees();

        @Override
        void close();
    }

    /**
     * The result of a choice.
     *
     * @param best     empty if no candidate serves
     * @param findings what was found of each candidate that was tried
     * @param failure  why the last of those that failed did; null if none has
     */
    record Outcome<C extends Candidate>(Optional<C> best, List<String> findings, @Nullable CharlstmException failure) {
        /** Too little memory says nothing about which candidate would serve. */
        void throwIfOutOfMemory() {
            if (failure instanceof CudaException cuda && cuda.outOfMemory()) {
                throw cuda;
            }
        }
    }

    /**
     * For the tasks of a device.
     *
     * @param graphs whether steps will be recorded
     * @param clock  tells nanoseconds; null where they mean nothing: then nothing is timed, nor compared
     */
    Autotuner(CudaContext context, boolean graphs, @Nullable LongSupplier clock) {
        this.context = context;
        this.graphs = graphs;
        this.clock = clock;
    }

    /** Whether candidates are timed, and compared with what is right. */
    boolean timed() {
        return clock != null;
    }

    /**
     * Chooses.
     *
     * @param competing whether all are tried, rather than all up to the first that serves
     */
    <C extends Candidate> Outcome<C> choose(Task<C> task, List<C> candidates, boolean competing) {
        Choice<C> choice = new Choice<>(task);
        try (Resources opened = new Resources()) {
            List<Running<C>> serving = new ArrayList<>();
            for (C candidate : candidates) {
                Optional<Running<C>> running = choice.serves(candidate, opened);
                running.ifPresent(serving::add);
                if (running.isPresent() && !(competing && timed())) {
                    break;
                }
            }
            Optional<C> best = clock == null || serving.size() <= 1
                    ? serving.stream().map(each -> each.candidate).findFirst() : choice.fastest(serving, clock);
            return new Outcome<>(best, List.copyOf(choice.findings), choice.last);
        }
    }

    /** Whether nothing differs by more than a share of the largest value expected; NaN does. */
    static boolean near(double[] expected, double[] actual, double share) {
        double allowed = share * Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length)
                .noneMatch(i -> !(Math.abs(actual[i] - expected[i]) <= allowed));
    }

    /** A line that says what was taken, and what was found. */
    static String report(String title, Candidate taken, List<String> findings) {
        return title + ": " + taken.title() + (findings.isEmpty() ? "" : " (" + String.join(", ", findings) + ")");
    }

    private static String failed(String title, CudaException failure) {
        return title + " failed with status " + failure.status() + " (" + failure.statusName() + ")";
    }

    /** A candidate on trial, and its recorded step. */
    private final class Running<C extends Candidate> {
        private final C candidate;
        private final Trial trial;
        private @Nullable CudaGraph graph;
        /** Why the step could not be recorded; null if it was, or need not be. */
        private @Nullable CudaException unrecorded;

        private Running(C candidate, Trial trial) {
            this.candidate = candidate;
            this.trial = trial;
        }

        /** Starts a step as it will run in training: recorded if it can be. */
        private void start() {
            if (graph == null) {
                trial.step();
            } else {
                graph.launch();
            }
        }

        /** Records the step if that can be done; else it serves all the same, call by call. */
        private void record(Resources opened) {
            try {
                CudaGraph recorded = new CudaGraph(context, trial::step);
                opened.add(recorded::close);
                opened.add(context::synchronize);
                graph = recorded;
                trial.prepare();
                recorded.launch();
                context.synchronize();
            } catch (CudaException e) {
                context.requireAfter(e);
                unrecorded = e;
            }
        }
    }

    private final class Choice<C extends Candidate> {
        private final Task<C> task;
        private final List<String> findings = new ArrayList<>();
        private @Nullable CharlstmException last;

        private Choice(Task<C> task) {
            this.task = task;
        }

        private Optional<Running<C>> serves(C candidate, Resources opened) {
            Trial trial;
            try {
                trial = run(candidate);
            } catch (CharlstmException e) {
                doesNotServe(candidate, e);
                return Optional.empty();
            }
            opened.add(trial::close);
            Running<C> running = new Running<>(candidate, trial);
            if (!timed() || (trial.agrees() && (!graphs || agreesRecorded(running, opened)))) {
                return Optional.of(running);
            }
            findings.add(candidate.title() + " computes something else");
            if (!candidate.library()) {
                context.warn(task.title() + ": " + candidate.title() + " computes something else on this GPU than "
                        + task.reference() + " and is not used; please report it");
            }
            return Optional.empty();
        }

        private Trial run(C candidate) {
            Trial trial = task.open(candidate);
            try {
                trial.prepare();
                trial.step();
                context.synchronize();
                return trial;
            } catch (RuntimeException e) {
                Resources failed = new Resources();
                failed.add(trial::close);
                throw failed.closeAfter(e);
            }
        }

        /** A step that cannot be recorded was compared before. */
        private boolean agreesRecorded(Running<C> running, Resources opened) {
            running.record(opened);
            return running.unrecorded != null || running.trial.agrees();
        }

        private void doesNotServe(C candidate, CharlstmException failure) {
            if (failure instanceof CudaException e) {
                context.requireAfter(e);
                findings.add(failed(candidate.title(), e));
            } else {
                findings.add(candidate.title() + ": " + failure.getMessage());
            }
            last = failure;
        }

        private Optional<C> fastest(List<Running<C>> serving, LongSupplier time) {
            C best = null;
            double least = Double.POSITIVE_INFINITY;
            for (Map.Entry<Running<C>, Double> each : medians(serving, time).entrySet()) {
                C candidate = each.getKey().candidate;
                CudaException unrecorded = each.getKey().unrecorded;
                findings.add(String.format(Locale.ROOT, "%s %.3f ms%s%s", candidate.title(), 1e3 * each.getValue(),
                        task.timedWith(), unrecorded == null ? "" : failed(", for recording it", unrecorded)));
                boolean alike = best != null && !best.library() && !candidate.library();
                if (each.getValue() < (alike ? FASTER : CLEARLY_FASTER) * least) {
                    best = candidate;
                    least = each.getValue();
                }
            }
            return Optional.ofNullable(best);
        }

        /** Seconds of each; they take turns, so that what else the machine does slows all of them. */
        private Map<Running<C>, Double> medians(List<Running<C>> serving, LongSupplier time) {
            Map<Running<C>, List<Double>> seconds = new LinkedHashMap<>();
            serving.forEach(each -> seconds.put(each, new ArrayList<>()));
            double begin = now(time);
            do {
                run(seconds, time);
            } while (!seconds.isEmpty() && now(time) - begin < WARM_UP_SECONDS);
            seconds.values().forEach(List::clear);
            for (int run = 0; run < RUNS && (run == 0 || now(time) - begin < MOST_SECONDS); run++) {
                run(seconds, time);
            }
            Map<Running<C>, Double> medians = new LinkedHashMap<>();
            seconds.forEach((each, runs) -> medians.put(each, runs.stream().sorted().toList().get(runs.size() / 2)));
            return medians;
        }

        private static double now(LongSupplier time) {
            return 1e-9 * time.getAsLong();
        }

        private void run(Map<Running<C>, List<Double>> seconds, LongSupplier time) {
            for (Map.Entry<Running<C>, List<Double>> each : List.copyOf(seconds.entrySet())) {
                try {
                    double begin = now(time);
                    each.getKey().start();
                    context.synchronize();
                    each.getValue().add(now(time) - begin);
                } catch (CudaException e) {
                    doesNotServe(each.getKey().candidate, e);
                    seconds.remove(each.getKey());
                }
            }
        }
    }
}
