package org.charlstm.run;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** Which epoch of a run is the best so far, and so to be beaten, and whether its model is in the folder. */
final class BestEpoch {
    private final TrainingRun run;
    private RunState.@Nullable Best best;
    private boolean kept;

    BestEpoch(TrainingRun run) {
        this.run = run;
    }

    /** Empty where none is kept, or before the first. */
    Optional<RunState.Best> best() {
        return Optional.ofNullable(best);
    }

    /** The same. */
    RunState.@Nullable Best orNull() {
        return best;
    }

    /** Whether its model is in the folder. */
    boolean isKept() {
        return kept;
    }

    /**
     * Takes that of a state or, if none was kept until then, that of the figures, and tells if its model is missing.
     *
     * @param state   where the run goes on
     * @param folder  which has gone back to that
     * @param figures of the epochs until then
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

    /** Takes an epoch whose model is then to be kept; null if none is, or there was as good an epoch before. */
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
