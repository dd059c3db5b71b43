package org.charlstm.device.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.binding.RnnAlgorithm;

/** Runs a shape by each of several of cuDNN's algorithms, reads the statuses, and takes the fastest. */
final class AlgorithmChoice {
    /** The first run warms up and does not count; of the others the median does. */
    private static final int RUNS = 6;
    /** Less of a gain is noise, which must not decide: each algorithm rounds in its own way. */
    private static final double CLEARLY_FASTER = 0.9;

    private final CudnnHandle cudnn;
    private final LstmShape shape;
    private final List<String> findings;
    private final Candidate fastest;

    /** An algorithm, and how weights lie for it. */
    record Candidate(RnnAlgorithm algorithm, CudnnLstmLayout layout) {
        String title() {
            return algorithm.title() + (layout.width() == layout.symbols() ? "" : " on input widened to "
                    + layout.width());
        }
    }

    /**
     * Chooses.
     *
     * @param candidates the first has to work; the others may refuse
     * @param excluded   what is to be said of those that are no candidates
     */
    AlgorithmChoice(CudnnHandle cudnn, LstmShape shape, List<Candidate> candidates, List<String> excluded) {
        this.cudnn = cudnn;
        this.shape = shape;
        findings = new ArrayList<>(excluded);
        fastest = candidates.size() == 1 ? candidates.getFirst() : measured(candidates);
    }

    static String refusal(RnnAlgorithm algorithm, CudaException failure) {
        return algorithm.title() + " refused with status " + failure.status();
    }

    Candidate fastest() {
        return fastest;
    }

    /** What was found, on one line. */
    String report() {
        return fastest.title() + (findings.isEmpty() ? "" : " (" + String.join(", ", findings) + ")");
    }

    /** The fastest, ready to run; it belongs to the caller. */
    CudnnPass open() {
        return new CudnnPass(cudnn, fastest.algorithm, fastest.layout, shape);
    }

    private Candidate measured(List<Candidate> candidates) {
        Candidate best = candidates.getFirst();
        double least = Double.POSITIVE_INFINITY;
        for (Candidate candidate : candidates) {
            try {
                double seconds = seconds(candidate);
                findings.add(String.format(Locale.ROOT, "%s %.3f ms", candidate.title(), 1e3 * seconds));
                if (seconds < CLEARLY_FASTER * least) {
                    best = candidate;
                    least = seconds;
                }
            } catch (CudaException e) {
                if (candidate == candidates.getFirst()) {
                    throw e;
                }
                // Whatever keeps another from running, the first one ran; but a broken context breaks it, too.
                cudnn.context().synchronize();
                findings.add(refusal(candidate.algorithm, e));
            }
        }
        return best;
    }

    private double seconds(Candidate candidate) {
        CudaContext context = cudnn.context();
        try (CudnnTrial trial = new CudnnTrial(cudnn, candidate.algorithm, candidate.layout, shape)) {
            // Recorded, as it will run: a step of many launches costs the host nothing then.
            trial.step();
            try (CudaGraph graph = new CudaGraph(context, trial::step)) {
                double[] seconds = new double[RUNS];
                for (int run = 0; run < RUNS; run++) {
                    context.synchronize();
                    long start = System.nanoTime();
                    graph.launch();
                    context.synchronize();
                    seconds[run] = 1e-9 * (System.nanoTime() - start);
                }
                Arrays.sort(seconds, 1, RUNS);
                return seconds[1 + (RUNS - 1) / 2];
            }
        }
    }
}
