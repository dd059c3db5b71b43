package org.charlstm.device.cuda.lstm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.LstmShape;
import org.charlstm.device.Precision;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.context.CudaOptions;
import org.charlstm.device.cuda.context.Resources;
import org.jspecify.annotations.Nullable;

/**
 * Tries several ways to run a shape and takes the fastest of those that serve, or the first. Whatever keeps one from
 * running, a refusal or a failure, means that it does not serve here, as long as the context goes on; so does a result
 * that is not the plain kernels'.
 */
final class Trials {
    /** Work before anything is timed, for a card that idled to come up to speed. */
    private static final double WARM_UP_SECONDS = 0.05;
    /** Of so many runs, in turn with the others', the median counts. */
    private static final int RUNS = 7;
    /** Fewer where they are slow. */
    private static final double MOST_SECONDS = 0.5;
    /** Less of a gain is noise, which must not decide: each way rounds in its own. */
    private static final double CLEARLY_FASTER = 0.9;

    private final CudaContext context;
    private final LstmShape shape;
    private final Precision precision;
    private final boolean graphs;
    private final LstmEngine plain;
    private final @Nullable LongSupplier clock;
    private final List<String> findings = new ArrayList<>();
    /** Why the last one that failed did; null if none has. */
    private @Nullable CharlstmException last;

    /**
     * Nothing is tried yet.
     *
     * @param options whether steps will be recorded, and how exact
     * @param plain   what says what is right
     * @param clock   tells nanoseconds; null where they mean nothing, and nothing needs to be held to what is right
     */
    Trials(CudaContext context, LstmShape shape, DeviceOptions options, LstmEngine plain,
            @Nullable LongSupplier clock) {
        this.context = context;
        this.shape = shape;
        precision = options.precision();
        graphs = CudaOptions.of(options).graphs();
        this.plain = plain;
        this.clock = clock;
    }

    /** What was found so far, of each that was tried. */
    List<String> findings() {
        return List.copyOf(findings);
    }

    /** Why the last one that failed did; null if none has. */
    @Nullable
    CharlstmException last() {
        return last;
    }

    /** Why none serves. */
    CharlstmException none(Function<String, CharlstmException> refusal) {
        throwIfOutOfMemory();
        return refusal.apply(String.join(", ", findings) + (last == null ? "" : "; " + last.getMessage()));
    }

    /** Too little memory says nothing about who would serve. */
    void throwIfOutOfMemory() {
        if (last instanceof CudaException failure && failure.outOfMemory()) {
            throw failure;
        }
    }

    /**
     * The best.
     *
     * @param candidates the preferred one first
     * @return empty if none serves
     */
    Optional<LstmCandidate> best(List<LstmCandidate> candidates) {
        if (candidates.isEmpty() || (clock == null && !candidates.getFirst().library())) {
            return candidates.stream().findFirst();
        }
        try (TrialBuffers buffers = new TrialBuffers(context, CudaType.ofActivations(precision), shape, clock != null);
                Resources opened = new Resources()) {
            List<double[]> expected = clock == null ? List.of() : expected(buffers);
            // Over a single step there is nothing that could be kept, and so nothing to win.
            boolean competing = clock != null && shape.steps() > 1 && candidates.size() > 1;
            List<LstmTrial> serving = new ArrayList<>();
            for (LstmCandidate candidate : candidates) {
                Optional<LstmTrial> trial = serves(candidate, buffers, opened, expected);
                trial.ifPresent(serving::add);
                if (trial.isPresent() && !competing) {
                    break;
                }
            }
            if (serving.size() <= 1) {
                return serving.stream().map(LstmTrial::candidate).findFirst();
            }
            if (graphs) {
                serving.forEach(LstmTrial::record);
            }
            return fastest(serving);
        }
    }

    private List<double[]> expected(TrialBuffers buffers) {
        LstmShape checked = buffers.checked();
        try (LstmTrial trial = new LstmTrial(context, plain.candidates(checked).getFirst(), checked, buffers)) {
            return trial.results();
        }
    }

    private Optional<LstmTrial> serves(LstmCandidate candidate, TrialBuffers buffers, Resources opened,
            List<double[]> expected) {
        LstmTrial trial;
        try {
            trial = new LstmTrial(context, candidate, shape, buffers);
        } catch (CharlstmException e) {
            doesNotServe(candidate, e);
            return Optional.empty();
        }
        opened.add(trial::close);
        if (expected.isEmpty() || (agrees(expected, trial.results()) && buffers.endsInRange())) {
            return Optional.of(trial);
        }
        findings.add(candidate.title() + " computes something else");
        if (!candidate.library()) {
            context.warn(LstmEngines.title(shape) + ": " + candidate.title() + " computes something else on this GPU "
                    + "than the plain kernels and is not used; please report it");
        }
        return Optional.empty();
    }

    private void doesNotServe(LstmCandidate candidate, CharlstmException failure) {
        if (failure instanceof CudaException e) {
            context.requireAfter(e);
            findings.add(failure(candidate.title(), e));
        } else {
            findings.add(candidate.title() + ": " + failure.getMessage());
        }
        last = failure;
    }

    private static String failure(String title, CudaException failure) {
        return title + " failed with status " + failure.status() + " (" + failure.statusName() + ")";
    }

    /** How far two ways may be apart, as a share of the largest value: far less than a wrong gate is off. */
    private double rounding() {
        return switch (precision) {
            case FLOAT32 -> 1e-3;
            case TF32 -> 3e-2;
            case BF16 -> 0.2;
        };
    }

    private boolean agrees(List<double[]> expected, List<double[]> actual) {
        return IntStream.range(0, expected.size()).allMatch(i -> agrees(expected.get(i), actual.get(i)));
    }

    /** Whether nothing differs by more than other roundings explain; NaN does. */
    private boolean agrees(double[] expected, double[] actual) {
        double allowed = rounding() * Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length)
                .noneMatch(i -> !(Math.abs(actual[i] - expected[i]) <= allowed));
    }

    private Optional<LstmCandidate> fastest(List<LstmTrial> trials) {
        Map<LstmTrial, List<Double>> seconds = seconds(trials);
        LstmCandidate best = null;
        double least = Double.POSITIVE_INFINITY;
        for (LstmTrial trial : seconds.keySet()) {
            double[] runs = seconds.get(trial).stream().mapToDouble(Double::doubleValue).sorted().toArray();
            double median = runs[runs.length / 2];
            findings.add(String.format(Locale.ROOT, "%s %.3f ms%s", trial.candidate().title(), 1e3 * median,
                    trial.unrecorded().map(e -> failure(", for recording it", e)).orElse("")));
            if (median < CLEARLY_FASTER * least) {
                best = trial.candidate();
                least = median;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Of each trial what its runs took; they take turns, so that what else the machine does befalls all. */
    private Map<LstmTrial, List<Double>> seconds(List<LstmTrial> trials) {
        Map<LstmTrial, List<Double>> seconds = new LinkedHashMap<>();
        trials.forEach(trial -> seconds.put(trial, new ArrayList<>()));
        double start = now();
        do {
            run(seconds);
        } while (!seconds.isEmpty() && now() - start < WARM_UP_SECONDS);
        seconds.values().forEach(List::clear);
        for (int run = 0; run < RUNS && (run == 0 || now() - start < MOST_SECONDS); run++) {
            run(seconds);
        }
        return seconds;
    }

    private double now() {
        return clock == null ? 0 : 1e-9 * clock.getAsLong();
    }

    /** Each trial once; one that fails now drops out. */
    private void run(Map<LstmTrial, List<Double>> seconds) {
        for (Map.Entry<LstmTrial, List<Double>> each : List.copyOf(seconds.entrySet())) {
            LstmTrial trial = each.getKey();
            try {
                double start = now();
                trial.start();
                context.synchronize();
                each.getValue().add(now() - start);
            } catch (CudaException e) {
                doesNotServe(trial.candidate(), e);
                seconds.remove(trial);
            }
        }
    }
}
