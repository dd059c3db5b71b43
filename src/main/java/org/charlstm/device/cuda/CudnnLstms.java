package org.charlstm.device.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    /** cuDNN's static persistent kernels want sizes that are multiples of this. */
    private static final int PERSISTENT_WIDTH = 128;
    /** Small, but with a step that follows another, and as many sequences as matrix units take side by side. */
    private static final int TRIAL_STEPS = 2;
    private static final int TRIAL_BATCH = 8;

    private final CudnnHandle cudnn;
    private final Kernels kernels;
    private final String asked;
    private final Map<LstmShape, AlgorithmChoice> choices = new LinkedHashMap<>();
    private final Map<List<Integer>, CudnnLstmLayout> layouts = new HashMap<>();

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

    private RnnAlgorithm preferred() {
        return Arrays.stream(RnnAlgorithm.values()).filter(each -> each.title().equals(asked)).findFirst()
                .orElse(RnnAlgorithm.STANDARD);
    }

    /** The layout of the preferred algorithm. */
    CudnnLstmLayout layout(int symbols, int hidden) {
        return layouts.computeIfAbsent(List.of(symbols, hidden), key -> {
            int width = preferred() == RnnAlgorithm.PERSIST_STATIC
                    ? Math.ceilDiv(symbols, PERSISTENT_WIDTH) * PERSISTENT_WIDTH : symbols;
            try {
                return oneBias(preferred(), symbols, hidden, width);
            } catch (CudaException e) {
                if (!CudnnStatus.isRefusal(e)) {
                    throw e;
                }
                throw new CharlstmException("cuDNN has no " + preferred().title() + " LSTM of " + symbols
                        + " symbols and " + hidden + " units: " + e.getMessage(), e);
            }
        });
    }

    /**
     * Keras has one bias. Where cuDNN does not take that, there are two, and the recurrent one stays zero. It may
     * refuse at any call up to the last of a step, so a small step is tried before the layout is settled.
     */
    private CudnnLstmLayout oneBias(RnnAlgorithm algorithm, int symbols, int hidden, int width) {
        List<CudnnLstmLayout> queried = new ArrayList<>();
        List<CudaException> refusals = new ArrayList<>();
        for (RnnBias bias : List.of(RnnBias.SINGLE_INPUT, RnnBias.DOUBLE)) {
            try {
                CudnnLstmLayout layout = CudnnLstmLayout.query(cudnn, algorithm, bias, symbols, hidden, width);
                queried.add(layout);
                runOnce(algorithm, layout);
                return layout;
            } catch (CudaException e) {
                refusals.forEach(e::addSuppressed);
                if (!CudnnStatus.isRefusal(e)) {
                    throw e;
                }
                refusals.add(e);
            }
        }
        if (queried.isEmpty()) {
            throw refusals.getFirst();
        }
        // With either the small step is refused, so the biases are not why; other sizes may run.
        return queried.getFirst();
    }

    private void runOnce(RnnAlgorithm algorithm, CudnnLstmLayout layout) {
        try (CudnnTrial trial = new CudnnTrial(cudnn, algorithm, layout,
                new LstmShape(layout.symbols(), layout.hidden(), TRIAL_STEPS, TRIAL_BATCH, true))) {
            trial.step();
        }
    }

    Lstm lstm(CudaMemory memory, LstmShape shape, int offset) {
        CudnnLstmLayout layout = layout(shape.symbols(), shape.hidden());
        // One choice for a shape, so that every network of it computes the same bits.
        AlgorithmChoice choice = choices.computeIfAbsent(shape,
                key -> new AlgorithmChoice(cudnn, layout, key, candidates(layout, key)));
        CudnnPass pass = choice.open();
        memory.own(pass::close);
        return new CudnnLstm(cudnn.context(), kernels, memory, layout, shape, offset, pass);
    }

    /**
     * The preferred algorithm first. Unless it was asked for, those that share its layout compete; over a single step
     * there is nothing that a persistent one could keep.
     */
    private List<RnnAlgorithm> candidates(CudnnLstmLayout layout, LstmShape shape) {
        List<RnnAlgorithm> candidates = new ArrayList<>(List.of(preferred()));
        if (asked.equals("auto") && shape.steps() > 1) {
            for (RnnAlgorithm other : RnnAlgorithm.values()) {
                if (other != preferred() && sharesLayout(other, layout)) {
                    candidates.add(other);
                }
            }
        }
        return candidates;
    }

    private boolean sharesLayout(RnnAlgorithm algorithm, CudnnLstmLayout layout) {
        try {
            return CudnnLstmLayout.query(cudnn, algorithm, layout.bias(), layout.symbols(), layout.hidden(),
                    layout.width()).equals(layout);
        } catch (CudaException e) {
            if (!CudnnStatus.isRefusal(e)) {
                throw e;
            }
            return false;
        }
    }

    /** What was chosen so far, a line each. */
    List<String> choices() {
        return choices.entrySet().stream().map(entry -> String.format(Locale.ROOT, "LSTM %d x %d, %d units%s: %s",
                entry.getKey().steps(), entry.getKey().batch(), entry.getKey().hidden(),
                entry.getKey().training() ? "" : ", inference", entry.getValue().report())).toList();
    }
}
