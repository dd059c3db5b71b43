package org.charlstm.device.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.Resources;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Lstm;
import org.jspecify.annotations.Nullable;

/**
 * Tries several ways to run a shape and takes the fastest of those that serve, or the first. Whatever keeps one from
 * running, a refusal or a failure, means that it does not serve here, as long as the context goes on; so does a result
 * that is not the plain kernels'.
 */
final class Trials {
    private final CudaContext context;
    private final Lstm.Shape shape;
    private final Precision precision;
    private final boolean graphs;
    private final LstmEngine plain;
    private final @Nullable HeadAbove above;
    private final @Nullable LongSupplier clock;
    private final List<String> findings = new ArrayList<>();
    /** Why the last one that failed did; null if none has. */
    private @Nullable CharlstmException last;

    /**
     * Nothing is tried yet.
     *
     * @param options whether steps will be recorded, and how exact
     * @param plain   what says what is right
     * @param above   the head that goes with it in training; null for none
     * @param clock   tells nanoseconds; null where they mean nothing, and nothing needs to be held to what is right
     */
    Trials(CudaContext context, Lstm.Shape shape, DeviceOptions options, LstmEngine plain,
            @Nullable HeadAbove above, @Nullable LongSupplier clock) {
        this.context = context;
        this.shape = shape;
        precision = options.precision();
        graphs = options.gpu().graphs();
        this.plain = plain;
        this.above = above;
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
            if (clock == null || serving.size() <= 1) {
                return serving.stream().map(LstmTrial::candidate).findFirst();
            }
            return fastest(serving, clock);
        }
    }

    private List<double[]> expected(TrialBuffers buffers) {
        Lstm.Shape checked = buffers.checked();
        try (LstmTrial trial = new LstmTrial(context, plain.candidates(checked).getFirst(), checked, buffers, null)) {
            return trial.results();
        }
    }

    private Optional<LstmTrial> serves(LstmCandidate candidate, TrialBuffers buffers, Resources opened,
            List<double[]> expected) {
        LstmTrial trial;
        try {
            trial = new LstmTrial(context, candidate, shape, buffers, above);
        } catch (CharlstmException e) {
            doesNotServe(candidate, e);
            return Optional.empty();
        }
        opened.add(trial::close);
        if (expected.isEmpty() || (agrees(expected, trial, buffers) && (!graphs || agreesRecorded(expected, trial,
                buffers)))) {
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

    private boolean agrees(List<double[]> expected, LstmTrial trial, TrialBuffers buffers) {
        return agrees(expected, trial.results()) && buffers.endsInRange();
    }

    /** What trains is the recorded step; what cannot be recorded has been looked at. */
    private boolean agreesRecorded(List<double[]> expected, LstmTrial trial, TrialBuffers buffers) {
        trial.record();
        return trial.unrecorded().isPresent() || agrees(expected, trial, buffers);
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

    private Optional<LstmCandidate> fastest(List<LstmTrial> trials, LongSupplier time) {
        LstmCandidate best = null;
        double least = Double.POSITIVE_INFINITY;
        for (Map.Entry<LstmTrial, Double> each : new Race(context, time)
                .medians(trials, LstmTrial::start, (trial, e) -> doesNotServe(trial.candidate(), e)).entrySet()) {
            LstmTrial trial = each.getKey();
            findings.add(String.format(Locale.ROOT, "%s %.3f ms%s%s", trial.candidate().title(), 1e3 * each.getValue(),
                    above == null ? "" : " with the head",
                    trial.unrecorded().map(e -> failure(", for recording it", e)).orElse("")));
            boolean alike = best != null && !best.library() && !trial.candidate().library();
            if (each.getValue() < (alike ? Race.FASTER : Race.CLEARLY_FASTER) * least) {
                best = trial.candidate();
                least = each.getValue();
            }
        }
        return Optional.ofNullable(best);
    }
}
