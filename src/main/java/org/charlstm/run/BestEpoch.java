package org.charlstm.run;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** The best epoch of a run so far, and whether its model is in the folder. */
final class BestEpoch {
    private final TrainingRun run;
    private RunState.@Nullable Best best;
    private boolean kept;

    BestEpoch(TrainingRun run) {
        this.run = run;
    }

    /** Empty where the best model is not kept, and before the first epoch. */
    Optional<RunState.Best> best() {
        return Optional.ofNullable(best);
    }

    RunState.@Nullable Best orNull() {
        return best;
    }

    boolean isKept() {
        return kept;
    }

    /**
     * Takes the best epoch of a state or, if that has none, of the figures, and warns if its model is missing.
     *
     * @param folder  after it went back to the state
     * @param figures of the epochs until the state
     */
    void resume(RunState state, RunFolder folder, List<Figures> figures) {
        best = state.best();
        kept = folder.bestModel() == RunFolder.BestModel.THERE;
        if (best == null && run.setup().keepsBest(run.text())) {
            best = lowest(figures);
            if (best != null && state.whole() && best.epoch() == state.training().epoch()) {
                folder.saveBest(state.model(), best);
                kept = true;
            }
        }
        if (best == null || kept) {
            return;
        }
        String next = String.format(Locale.ROOT, "kept from the first epoch on that is better than epoch %d, %s %.4f",
                best.epoch(), best.title(), best.loss());
        run.warn(folder.bestModel() == RunFolder.BestModel.DELETED
                ? "the best model was of an epoch that is now trained again: " + RunFolder.BEST + " is deleted, and "
                        + next
                : "the model of the best epoch is not there: " + RunFolder.BEST + " is " + next);
    }

    private RunState.@Nullable Best lowest(List<Figures> figures) {
        String monitor = run.monitor();
        return figures.stream().filter(epoch -> epoch.values().containsKey(monitor))
                .min(Comparator.comparingDouble(epoch -> epoch.get(monitor)))
                .map(epoch -> new RunState.Best(epoch.epoch(), monitor, epoch.get(monitor))).orElse(null);
    }

    /** Takes an epoch if it is the best, whose model is then to be saved; else null. */
    RunState.@Nullable Best take(Figures whole) {
        double loss = whole.get(run.monitor());
        if (!run.setup().keepsBest(run.text()) || (best != null && !(loss < best.loss()))) {
            return null;
        }
        best = new RunState.Best(whole.epoch(), run.monitor(), loss);
        kept = true;
        return best;
    }
}
