package org.charlstm.device.cuda.lstm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.device.LstmShape;
import org.charlstm.device.Precision;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.context.Resources;
import org.jspecify.annotations.Nullable;

/**
 * Tries several ways to run a shape and takes the fastest of those that serve, or the first. Whatever keeps one from
 * running, a refusal or a failure, means that it does not serve here, as long as the context goes on; so does a result
 * that is not the first one's.
 */
final class AlgorithmChoice {
    /** Work before anything is timed, for a card that idled to come up to speed. */
    private static final double WARM_UP_SECONDS = 0.05;
    /** Of so many runs, in turn with the others', the median counts. */
    private static final int RUNS = 7;
    /** Fewer where they are slow. */
    private static final double MOST_SECONDS = 0.5;
    /** Less of a gain is noise, which must not decide: each algorithm rounds in its own way. */
    private static final double CLEARLY_FASTER = 0.9;

    private final CudnnHandle cudnn;
    private final CudnnLstmLayout layout;
    private final LstmShape shape;
    private final boolean graphs;
    private final List<String> findings;
    private final AlgorithmPair taken;
    /** Why the last one that does not serve does not; null if all do. */
    private @Nullable CudaException last;

    /** What is to be found: which of those that serve is the fastest, or only the first that serves. */
    enum Aim {
        /** The fastest. */
        FASTEST,
        /** The first. */
        FIRST
    }

    /**
     * Chooses.
     *
     * @param candidates the preferred first
     * @param excluded   what is to be said of those that are no candidates
     * @param graphs     whether steps will be recorded
     * @throws CharlstmException if none serves; it says why not
     */
    AlgorithmChoice(CudnnHandle cudnn, CudnnLstmLayout layout, LstmShape shape, List<AlgorithmPair> candidates,
            List<String> excluded, Aim aim, boolean graphs) {
        this.cudnn = cudnn;
        this.layout = layout;
        this.shape = shape;
        this.graphs = graphs;
        findings = new ArrayList<>(excluded);
        boolean measured = aim == Aim.FASTEST && candidates.size() > 1;
        try (TrialBuffers buffers = new TrialBuffers(cudnn, layout, shape, measured);
                Resources opened = new Resources()) {
            taken = measured ? fastest(serving(candidates, buffers, opened)) : first(candidates, buffers, opened);
        }
    }

    static String failure(String title, CudaException failure) {
        return title + " failed with status " + failure.status() + " (" + failure.statusName() + ")";
    }

    /** What was found, on one line. */
    String report() {
        return taken.title() + (findings.isEmpty() ? "" : " (" + String.join(", ", findings) + ")");
    }

    /** The one that was taken, ready to run; it belongs to the caller. */
    CudnnPass open() {
        return new CudnnPass(cudnn, taken, layout, shape);
    }

    private AlgorithmPair first(List<AlgorithmPair> candidates, TrialBuffers buffers, Resources opened) {
        for (AlgorithmPair candidate : candidates) {
            Optional<CudnnTrial> trial = open(candidate, buffers, opened);
            if (trial.isPresent()) {
                return candidate;
            }
        }
        throw none();
    }

    private List<CudnnTrial> serving(List<AlgorithmPair> candidates, TrialBuffers buffers, Resources opened) {
        List<CudnnTrial> trials = new ArrayList<>();
        List<double[]> expected = null;
        for (AlgorithmPair candidate : candidates) {
            CudnnTrial trial = open(candidate, buffers, opened).orElse(null);
            if (trial == null) {
                continue;
            }
            List<double[]> results = trial.results();
            // The first is held to itself: NaN agrees with nothing.
            List<double[]> wanted = expected == null ? results : expected;
            if (!IntStream.range(0, results.size()).allMatch(i -> agrees(wanted.get(i), results.get(i)))) {
                findings.add(candidate.title() + " computes something else");
                continue;
            }
            expected = wanted;
            if (graphs) {
                trial.record();
            }
            trials.add(trial);
        }
        return trials;
    }

    private Optional<CudnnTrial> open(AlgorithmPair candidate, TrialBuffers buffers, Resources opened) {
        try {
            CudnnTrial trial = new CudnnTrial(cudnn, candidate, layout, shape, buffers);
            opened.add(trial::close);
            return Optional.of(trial);
        } catch (CudaException e) {
            doesNotServe(candidate, e);
            return Optional.empty();
        }
    }

    private void doesNotServe(AlgorithmPair candidate, CudaException failure) {
        cudnn.context().requireAfter(failure);
        findings.add(failure(candidate.title(), failure));
        last = failure;
    }

    /** Why none serves. Too little memory says nothing about algorithms. */
    private CharlstmException none() {
        return last != null && last.outOfMemory() ? last : new CharlstmException(String.join(", ", findings)
                + (last == null ? "" : "; " + last.getMessage()), last);
    }

    /** How far algorithms may be apart, as a share of the largest value: far less than a wrong gate is off. */
    private static double rounding(Precision precision) {
        return switch (precision) {
            case FLOAT32 -> 1e-3;
            case TF32 -> 3e-2;
            case BF16 -> 0.2;
        };
    }

    /** Whether nothing differs by more than the roundings of other algorithms explain; NaN does. */
    private boolean agrees(double[] expected, double[] actual) {
        double allowed = rounding(cudnn.precision()) * Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length)
                .noneMatch(i -> !(Math.abs(actual[i] - expected[i]) <= allowed));
    }

    private AlgorithmPair fastest(List<CudnnTrial> trials) {
        Map<CudnnTrial, List<Double>> seconds = seconds(trials);
        AlgorithmPair best = null;
        double least = Double.POSITIVE_INFINITY;
        for (CudnnTrial trial : seconds.keySet()) {
            double[] runs = seconds.get(trial).stream().mapToDouble(Double::doubleValue).sorted().toArray();
            double median = runs[runs.length / 2];
            findings.add(String.format(Locale.ROOT, "%s %.3f ms%s", trial.algorithms().title(), 1e3 * median,
                    trial.unrecorded().map(e -> failure(", for recording it", e)).orElse("")));
            if (median < CLEARLY_FASTER * least) {
                best = trial.algorithms();
                least = median;
            }
        }
        if (best == null) {
            throw none();
        }
        return best;
    }

    /** Of each trial what its runs took; they take turns, so that what else the machine does befalls all. */
    private Map<CudnnTrial, List<Double>> seconds(List<CudnnTrial> trials) {
        Map<CudnnTrial, List<Double>> seconds = new LinkedHashMap<>();
        trials.forEach(trial -> seconds.put(trial, new ArrayList<>()));
        long start = System.nanoTime();
        do {
            run(seconds);
        } while (!seconds.isEmpty() && since(start) < WARM_UP_SECONDS);
        seconds.values().forEach(List::clear);
        for (int run = 0; run < RUNS && (run == 0 || since(start) < MOST_SECONDS); run++) {
            run(seconds);
        }
        return seconds;
    }

    private static double since(long start) {
        return 1e-9 * (System.nanoTime() - start);
    }

    /** Each trial once; one that fails now drops out. */
    private void run(Map<CudnnTrial, List<Double>> seconds) {
        for (Map.Entry<CudnnTrial, List<Double>> each : List.copyOf(seconds.entrySet())) {
            CudnnTrial trial = each.getKey();
            try {
                long start = System.nanoTime();
                trial.start();
                cudnn.context().synchronize();
                each.getValue().add(since(start));
            } catch (CudaException e) {
                doesNotServe(trial.algorithms(), e);
                seconds.remove(trial);
            }
        }
    }
}
