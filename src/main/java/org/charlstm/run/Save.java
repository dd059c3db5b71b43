package org.charlstm.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Weights;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * What there is to write, in the order of writing. A kill in between leaves a state that is older than the rest,
 * which a run that goes on with it takes back.
 */
final class Save {
    private int epoch;
    private @Nullable Supplier<SavedModel> model;
    private final List<Figures> figures = new ArrayList<>();
    private @Nullable Supplier<SavedModel> whole;
    private @Nullable Supplier<SavedModel> bestModel;
    private RunState.@Nullable Best best;
    private @Nullable Supplier<RunState> state;
    private int keep;
    private final List<Runnable> others = new ArrayList<>();

    /** Of an epoch, whole or not. */
    Save(int epoch) {
        this.epoch = epoch;
    }

    Save model(Supplier<SavedModel> newest) {
        model = newest;
        return this;
    }

    /** Of a whole epoch, with the model after it. */
    Save figures(Figures epochs, Supplier<SavedModel> of) {
        figures.add(epochs);
        whole = of;
        return this;
    }

    /** The model of the last whole epoch of these; null if there is none. */
    @Nullable
    SavedModel whole() {
        return whole == null ? null : whole.get();
    }

    /** Which epoch that is: another may be under way, whose model alone is here. */
    int wholeEpoch() {
        return figures.getLast().epoch();
    }

    Save best(Supplier<SavedModel> newest, RunState.Best of) {
        bestModel = newest;
        best = of;
        return this;
    }

    /** With how many states before it; each of those is written if they are handed over one by one. */
    Save state(Supplier<RunState> newest, int before) {
        state = newest;
        keep = before;
        return this;
    }

    /** What no run ends for if it fails. */
    Save other(Runnable what) {
        others.add(what);
        return this;
    }

    /** Takes what is newer in place of what there is, but all figures. */
    void add(Save later) {
        epoch = later.model == null ? epoch : later.epoch;
        model = later.model == null ? model : later.model;
        figures.addAll(later.figures);
        whole = later.whole == null ? whole : later.whole;
        if (later.bestModel != null) {
            bestModel = later.bestModel;
            best = later.best;
        }
        if (later.state != null) {
            state = later.state;
            keep = later.keep;
        }
        others.addAll(later.others);
    }

    /**
     * Writes all.
     *
     * @throws DivergenceException if there is what no run could go on from
     * @throws CharlstmException   if it cannot be written
     */
    void write(RunFolder folder, Consumer<String> warning) {
        if (model != null) {
            SavedModel made = model.get();
            requireFinite(epoch, made.weights());
            folder.save(made);
        }
        if (!figures.isEmpty()) {
            folder.add(figures);
        }
        if (bestModel != null && best != null) {
            folder.saveBest(bestModel.get(), best);
        }
        if (state != null) {
            RunState made = state.get();
            requireFinite(made);
            write(made, folder, warning);
        }
        others.forEach(other -> attempt(other, warning));
    }

    private void write(RunState newest, RunFolder folder, Consumer<String> warning) {
        if (keep > 0) {
            attempt(() -> folder.keep(newest), warning);
        }
        folder.save(newest);
        if (keep > 0) {
            attempt(() -> folder.leave(keep), warning);
        }
    }

    private static void attempt(Runnable what, Consumer<String> warning) {
        try {
            what.run();
        } catch (RuntimeException e) {
            warning.accept(e instanceof CharlstmException known ? known.getMessage() : e.toString());
        }
    }

    private static void requireFinite(int epoch, Weights weights) {
        try {
            weights.requireFinite("epoch " + epoch + ", not saved");
        } catch (CharlstmException e) {
            throw new DivergenceException(e.getMessage(), 1);
        }
    }

    /** Refuses to save what no run could go on from. */
    static void requireFinite(RunState state) {
        requireFinite(state.training().epoch(), state.training().weights());
        state.training().states().values().forEach(weights -> requireFinite(state.training().epoch(), weights));
    }
}
