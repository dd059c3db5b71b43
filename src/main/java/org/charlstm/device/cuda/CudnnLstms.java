package org.charlstm.device.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.CharlstmException;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.binding.CudnnStatus;
import org.charlstm.device.cuda.binding.RnnAlgorithm;
import org.charlstm.device.cuda.binding.RnnBias;

/**
 * Makes LSTMs: decides how their weights lie, and which of cuDNN's algorithms runs each shape. All shapes of a model
 * share its weights, so that only algorithms which lay weights out alike can serve it.
 */
final class CudnnLstms {
    /** What the input may be widened to, where an algorithm refuses it as it is: multiples of these. */
    private static final List<Integer> WIDTHS = List.of(8, 128);
    /** Steps and sequences by which layouts are compared before any real shape is known. */
    private static final int TRIAL_STEPS = 32;
    private static final int TRIAL_BATCH = 64;
    /** Small, but with a step that follows another, and as many sequences as matrix units take side by side. */
    private static final int PROBE_STEPS = 2;
    private static final int PROBE_BATCH = 8;

    private final CudnnHandle cudnn;
    private final Kernels kernels;
    private final String asked;
    private final Map<LstmShape, AlgorithmChoice> choices = new LinkedHashMap<>();
    private final Map<List<Integer>, AlgorithmChoice.Candidate> layouts = new HashMap<>();
    /** What decided between two widths of the input. */
    private final Map<LstmShape, AlgorithmChoice> trials = new LinkedHashMap<>();

    /**
     * Makes LSTMs.
     *
     * @param asked an algorithm's title, or {@code auto}
     */
    CudnnLstms(CudnnHandle cudnn, Kernels kernels, String asked) {
        this.cudnn = cudnn;
        this.kernels = kernels;
        this.asked = asked;
    }

    /** How a model's weights lie. */
    CudnnLstmLayout layout(int symbols, int hidden, int layers) {
        return preferred(symbols, hidden, layers).layout();
    }

    /**
     * The algorithm that decides how weights lie: the one that was asked for, or else the standard one, unless the
     * static persistent one wants a wider input and is faster with it.
     */
    private AlgorithmChoice.Candidate preferred(int symbols, int hidden, int layers) {
        List<Integer> key = List.of(symbols, hidden, layers);
        AlgorithmChoice.Candidate known = layouts.get(key);
        if (known == null) {
            RnnAlgorithm algorithm = Arrays.stream(RnnAlgorithm.values()).filter(each -> each.title().equals(asked))
                    .findFirst().orElse(RnnAlgorithm.STANDARD);
            AlgorithmChoice.Candidate first = required(algorithm, symbols, hidden, layers);
            known = asked.equals("auto") ? orWidened(first) : first;
            layouts.put(key, known);
        }
        return known;
    }

    private AlgorithmChoice.Candidate orWidened(AlgorithmChoice.Candidate standard) {
        CudnnLstmLayout layout = standard.layout();
        AlgorithmChoice.Candidate widened;
        try {
            widened = narrowest(RnnAlgorithm.PERSIST_STATIC, layout.symbols(), layout.hidden(), layout.layers());
        } catch (CudaException e) {
            requireRefusal(e);
            // The shapes' own choice tells of it.
            return standard;
        }
        if (widened.layout().width() == layout.width()) {
            return standard;
        }
        LstmShape trial = new LstmShape(layout.symbols(), layout.hidden(), layout.layers(), TRIAL_STEPS, TRIAL_BATCH,
                true);
        try {
            return trials.computeIfAbsent(trial,
                    key -> new AlgorithmChoice(cudnn, key, List.of(standard, widened), List.of())).fastest();
        } catch (CudaException e) {
            // What it refuses at the trial's size it may run at the model's.
            requireRefusal(e);
            return standard;
        }
    }

    private AlgorithmChoice.Candidate required(RnnAlgorithm algorithm, int symbols, int hidden, int layers) {
        try {
            return narrowest(algorithm, symbols, hidden, layers);
        } catch (CudaException e) {
            requireRefusal(e);
            throw new CharlstmException("cuDNN has no " + algorithm.title() + " LSTM of " + symbols + " symbols and "
                    + hidden + " units" + (layers == 1 ? "" : " in " + layers + " layers") + ": " + e.getMessage(), e);
        }
    }

    /** Whatever else fails is not an answer. */
    private static void requireRefusal(CudaException failure) {
        if (!CudnnStatus.isRefusal(failure)) {
            throw failure;
        }
    }

    /**
     * An algorithm with the input as it is, or as little wider as the algorithm takes it; or else its refusal. It may
     * refuse at any call up to the last of a step, so a small step is tried. Where that is refused at every width, the
     * width is not why: the first that can be described may run at other sizes.
     */
    private AlgorithmChoice.Candidate narrowest(RnnAlgorithm algorithm, int symbols, int hidden, int layers) {
        CudaException refusal = null;
        CudnnLstmLayout described = null;
        for (int width : IntStream.concat(IntStream.of(symbols), WIDTHS.stream().mapToInt(multiple ->
                Math.ceilDiv(symbols, multiple) * multiple)).distinct().toArray()) {
            try {
                Settled settled = oneBias(algorithm, symbols, hidden, layers, width);
                if (settled.runs) {
                    return new AlgorithmChoice.Candidate(algorithm, settled.layout);
                }
                described = described == null ? settled.layout : described;
            } catch (CudaException e) {
                requireRefusal(e);
                refusal = e;
            }
        }
        if (described == null) {
            throw refusal;
        }
        return new AlgorithmChoice.Candidate(algorithm, described);
    }

    /** A layout, and whether a small step of it ran. */
    private record Settled(CudnnLstmLayout layout, boolean runs) {
    }

    /** Keras has one bias. Where cuDNN does not take that, there are two, and the recurrent one stays zero. */
    private Settled oneBias(RnnAlgorithm algorithm, int symbols, int hidden, int layers, int width) {
        List<CudnnLstmLayout> queried = new ArrayList<>();
        List<CudaException> refusals = new ArrayList<>();
        for (RnnBias bias : List.of(RnnBias.SINGLE_INPUT, RnnBias.DOUBLE)) {
            try {
                CudnnLstmLayout layout = CudnnLstmLayout.query(cudnn, algorithm, bias, symbols, hidden, layers, width);
                queried.add(layout);
                runOnce(algorithm, layout);
                return new Settled(layout, true);
            } catch (CudaException e) {
                refusals.forEach(e::addSuppressed);
                requireRefusal(e);
                refusals.add(e);
            }
        }
        if (queried.isEmpty()) {
            throw refusals.getFirst();
        }
        // With either the small step is refused, so the biases are not why.
        return new Settled(queried.getFirst(), false);
    }

    private void runOnce(RnnAlgorithm algorithm, CudnnLstmLayout layout) {
        try (CudnnTrial trial = new CudnnTrial(cudnn, algorithm, layout, new LstmShape(layout.symbols(),
                layout.hidden(), layout.layers(), PROBE_STEPS, PROBE_BATCH, true))) {
            trial.step();
        }
    }

    Lstm lstm(CudaMemory memory, LstmShape shape, int offset) {
        AlgorithmChoice.Candidate preferred = preferred(shape.symbols(), shape.hidden(), shape.layers());
        // One choice for a shape, so that every network of it computes the same bits.
        AlgorithmChoice choice = choices.computeIfAbsent(shape, key -> choose(preferred, key));
        CudnnPass pass = choice.open();
        memory.own(pass::close);
        return new CudnnLstm(cudnn.context(), kernels, memory, preferred.layout(), shape, offset, pass);
    }

    /**
     * The preferred algorithm competes, unless it was asked for, with those that share its layout; over a single step
     * there is nothing that a persistent one could keep.
     */
    private AlgorithmChoice choose(AlgorithmChoice.Candidate preferred, LstmShape shape) {
        List<AlgorithmChoice.Candidate> candidates = new ArrayList<>(List.of(preferred));
        List<String> findings = new ArrayList<>();
        if (asked.equals("auto") && shape.steps() > 1) {
            for (RnnAlgorithm other : RnnAlgorithm.values()) {
                if (other != preferred.algorithm()) {
                    obstacle(other, preferred.layout()).ifPresentOrElse(findings::add,
                            () -> candidates.add(new AlgorithmChoice.Candidate(other, preferred.layout())));
                }
            }
        }
        return new AlgorithmChoice(cudnn, shape, candidates, findings);
    }

    private Optional<String> obstacle(RnnAlgorithm algorithm, CudnnLstmLayout layout) {
        try {
            return CudnnLstmLayout.query(cudnn, algorithm, layout.bias(), layout.symbols(), layout.hidden(),
                    layout.layers(), layout.width()).equals(layout) ? Optional.empty()
                            : Optional.of(algorithm.title() + " lays weights out otherwise");
        } catch (CudaException e) {
            requireRefusal(e);
            return Optional.of(AlgorithmChoice.refusal(algorithm, e));
        }
    }

    /** What was chosen so far, a line each. */
    List<String> choices() {
        return Stream.concat(lines(trials, ", on trial"), lines(choices, "")).toList();
    }

    private static Stream<String> lines(Map<LstmShape, AlgorithmChoice> choices, String what) {
        return choices.entrySet().stream().map(entry -> String.format(Locale.ROOT, "LSTM %d x %d, %s%d units%s%s: %s",
                entry.getKey().steps(), entry.getKey().batch(),
                entry.getKey().layers() == 1 ? "" : entry.getKey().layers() + " layers of ", entry.getKey().hidden(),
                entry.getKey().training() ? "" : ", inference", what, entry.getValue().report()));
    }
}
