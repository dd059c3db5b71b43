package org.charlstm.device.cuda.lstm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.charlstm.CharlstmException;
import org.charlstm.device.Lstm;
import org.charlstm.device.LstmLayers;
import org.charlstm.device.LstmShape;
import org.charlstm.device.cuda.binding.CudaException;
import org.charlstm.device.cuda.binding.Cudnn;
import org.charlstm.device.cuda.binding.RnnAlgorithm;
import org.charlstm.device.cuda.kernel.Kernels;
import org.charlstm.device.cuda.memory.CudaMemory;

/**
 * Makes LSTMs: decides how their weights lie, and which of cuDNN's algorithms runs each shape. All shapes of a model
 * share its weights, so that only algorithms which lay weights out alike can serve it.
 */
public final class CudnnLstms {
    private final CudnnHandle cudnn;
    private final Kernels kernels;
    private final String asked;
    private final boolean graphs;
    private final Map<LstmShape, AlgorithmChoice> choices = new LinkedHashMap<>();
    private final Map<LstmLayers, Family> families = new HashMap<>();

    /**
     * Algorithms that lay the weights of a model out alike.
     *
     * @param layout  where weights lie, in a space that is large enough for each
     * @param members the algorithms
     * @param others  what is to be said of those that are not among them
     */
    private record Family(CudnnLstmLayout layout, List<RnnAlgorithm> members, List<String> others) {
    }

    /**
     * Makes LSTMs.
     *
     * @param asked  an algorithm's title, or {@code auto}
     * @param graphs whether steps will be recorded
     */
    public CudnnLstms(CudnnHandle cudnn, Kernels kernels, String asked, boolean graphs) {
        this.cudnn = cudnn;
        this.kernels = kernels;
        this.asked = asked;
        this.graphs = graphs;
    }

    /** How a model's weights lie. */
    public CudnnLstmLayout layout(LstmLayers layers) {
        return family(layers).layout();
    }

    private Family family(LstmLayers layers) {
        Family known = families.get(layers);
        if (known == null) {
            known = query(layers);
            families.put(layers, known);
        }
        return known;
    }

    /** The first algorithm that cuDNN has decides; the others belong to it if each gate's weights lie in one place. */
    private Family query(LstmLayers layers) {
        CudnnLstmLayout first = null;
        List<RnnAlgorithm> members = new ArrayList<>();
        List<String> others = new ArrayList<>();
        CudaException last = null;
        for (RnnAlgorithm algorithm : wanted()) {
            try {
                CudnnLstmLayout layout = CudnnLstmLayout.query(cudnn, algorithm, layers);
                if (first == null || layout.gates().equals(first.gates())) {
                    first = first == null ? layout : first.withBytes(Math.max(first.bytes(), layout.bytes()));
                    members.add(algorithm);
                } else {
                    others.add(algorithm.title() + " lays weights out otherwise");
                }
            } catch (CudaException e) {
                if (e.outOfMemory()) {
                    throw e;
                }
                others.add(AlgorithmChoice.failure(algorithm.title(), e));
                last = e;
            }
        }
        if (members.isEmpty() || !isOpen() && members.stream().noneMatch(this::isAsked)) {
            throw new CharlstmException(none(layers) + ": " + last.getMessage(), last);
        }
        return new Family(first, members, others);
    }

    /** What was asked for, and what may go backward for it. */
    private List<RnnAlgorithm> wanted() {
        RnnAlgorithm[] all = RnnAlgorithm.values();
        if (isOpen()) {
            return List.of(all);
        }
        RnnAlgorithm named = Arrays.stream(all).filter(this::isAsked).findFirst().orElseThrow();
        return named == RnnAlgorithm.PERSIST_STATIC_SMALL_H ? List.of(named, RnnAlgorithm.STANDARD) : List.of(named);
    }

    private boolean isAsked(RnnAlgorithm algorithm) {
        return algorithm.title().equals(asked);
    }

    private boolean isOpen() {
        return asked.equals("auto");
    }

    private String none(LstmLayers layers) {
        return "cuDNN has no " + (isOpen() ? "" : asked + " ") + "LSTM of " + layers.input().title() + " and "
                + layers.hidden() + " units" + (layers.count() == 1 ? "" : " in " + layers.count() + " layers");
    }

    public Lstm lstm(CudaMemory memory, LstmShape shape, int offset) {
        requireSizes(shape);
        Family family = family(shape.layers());
        // One choice for a shape, so that every network of it computes the same bits.
        AlgorithmChoice choice = choices.get(shape);
        if (choice == null) {
            choice = choose(family, shape);
            choices.put(shape, choice);
        }
        CudnnPass pass = choice.open();
        memory.own(pass::close);
        return new CudnnLstm(cudnn.context(), kernels, memory, family.layout(), shape, offset, pass);
    }

    private static void requireSizes(LstmShape shape) {
        if (shape.steps() > Cudnn.MAX_STEPS) {
            throw new CharlstmException(String.format(Locale.ROOT,
                    "an LSTM over %,d time steps; cuDNN takes at most %,d; use shorter texts or a --window",
                    shape.steps(), Cudnn.MAX_STEPS));
        }
        if ((double) shape.layers().count() * shape.batch() * shape.hidden() > Cudnn.MAX_STATE) {
            throw new CharlstmException(String.format(Locale.ROOT, "the state of an LSTM of %,d layers, %,d sequences "
                    + "and %,d units has more than the %,d elements that cuDNN takes; use a smaller --batch-size",
                    shape.layers().count(), shape.batch(), shape.hidden(), Cudnn.MAX_STATE));
        }
    }

    private AlgorithmChoice choose(Family family, LstmShape shape) {
        List<AlgorithmPair> candidates = new ArrayList<>();
        family.members.stream().filter(member -> isOpen() || isAsked(member))
                .forEach(member -> candidates.add(new AlgorithmPair(member)));
        if (shape.training() && family.members.containsAll(List.of(RnnAlgorithm.PERSIST_STATIC_SMALL_H,
                RnnAlgorithm.STANDARD))) {
            candidates.add(new AlgorithmPair(RnnAlgorithm.PERSIST_STATIC_SMALL_H, RnnAlgorithm.STANDARD));
        }
        // Over a single step there is nothing that a persistent algorithm could keep.
        boolean competing = isOpen() && shape.steps() > 1;
        try {
            return new AlgorithmChoice(cudnn, family.layout, shape, candidates,
                    isOpen() ? family.others : List.of(),
                    competing ? AlgorithmChoice.Aim.FASTEST : AlgorithmChoice.Aim.FIRST, graphs);
        } catch (CudaException e) {
            throw e;
        } catch (CharlstmException e) {
            throw new CharlstmException(none(shape.layers()) + ": " + e.getMessage(),
                    e);
        }
    }

    /** What was chosen so far, a line each. */
    public List<String> choices() {
        return choices.entrySet().stream().map(entry -> said(entry.getKey()) + ": " + entry.getValue().report())
                .toList();
    }

    private static String said(LstmShape shape) {
        LstmLayers layers = shape.layers();
        return String.format(Locale.ROOT, "LSTM %d x %d, %s%d units%s%s", shape.steps(), shape.batch(),
                layers.count() == 1 ? "" : layers.count() + " layers of ", layers.hidden(),
                layers.input().ids() ? "" : " on " + layers.input().title(), shape.training() ? "" : ", inference");
    }
}
