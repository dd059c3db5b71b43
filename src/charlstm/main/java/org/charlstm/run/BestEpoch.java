package org.charlstm.run;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.io.ModelFile;
import org.charlstm.nn.Model;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunState;
import org.charlstm.text.Corpus;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** Tracks the best epoch of a run and whether its model is in the folder, and tests the model. */
record BestEpoch(TrainingRun run, RunStatus status) {
    /** Takes the best epoch from a state, or else from the remaining figures, and warns if its model is missing. */
    void resume(RunState state, RunFolder folder, RunFolder.Results left) {
        status.best = state.best();
        status.bestIsKept = left.best() == RunFolder.BestModel.THERE;
        if (status.best == null && run.keepsBest()) {
            status.best = lowest(left.figures());
            if (status.best != null && state.whole() && status.best.epoch() == state.training().epoch()) {
                folder.saveBest(state.model(), status.best);
                status.bestIsKept = true;
            }
        }
        if (status.best == null || status.bestIsKept) {
            return;
        }
        String next = String.format(Locale.ROOT, "kept from the first epoch on that is better than epoch %d, %s %.4f",
                status.best.epoch(), status.best.title(), status.best.loss());
        run.warn(left.best() == RunFolder.BestModel.DELETED
                ? "the best model was of an epoch that is now trained again: " + RunFolder.BEST + " is deleted, and "
                        + next
                : "the model of the best epoch is not there: " + RunFolder.BEST + " is " + next);
    }

    private Figures.@Nullable Best lowest(List<Figures> figures) {
        String monitor = run.monitor();
        return figures.stream().filter(epoch -> epoch.values().containsKey(monitor))
                .min(Comparator.comparingDouble(epoch -> epoch.get(monitor)))
                .map(epoch -> new Figures.Best(epoch.epoch(), monitor, epoch.get(monitor))).orElse(null);
    }

    /** Takes an epoch if it is the best so far; the caller then saves its model. Returns null if it is not the best. */
    Figures.@Nullable Best take(Figures whole) {
        double loss = whole.get(run.monitor());
        if (!run.keepsBest() || (status.best != null && !(loss < status.best.loss()))) {
            return null;
        }
        status.best = new Figures.Best(whole.epoch(), run.monitor(), loss);
        status.bestIsKept = true;
        return status.best;
    }

    /** Tests the best model, or the last if the best is not kept; empty without a test text or if stopped. */
    Optional<Figures> test(RunFolder folder) {
        Corpus test = run.text().test();
        if (test == null) {
            return Optional.empty();
        }
        int epoch = status.best != null && status.bestIsKept ? status.best.epoch() : run.epoch();
        Optional<Evaluation> evaluation;
        if (epoch == run.epoch()) {
            evaluation = evaluation(run.model(), test);
        } else {
            try (Model model = new Model(run.model().device(),
                    ModelFile.load(folder.path().resolve(RunFolder.BEST)).weights())) {
                evaluation = evaluation(model, test);
            }
        }
        return evaluation.map(found -> {
            double loss = found.loss();
            Refuse.inputIf(!Double.isFinite(loss),
                    "the loss of the model of epoch " + epoch + " in the test is " + loss);
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(Figures.TEST_LOSS, loss);
            values.put(Figures.TEST_REAL_LOSS, found.realLoss());
            values.put(Figures.TEST_BITS, found.bits());
            return new Figures(epoch, values);
        });
    }

    private Optional<Evaluation> evaluation(Model model, Corpus test) {
        return Evaluation.of(model, test, run.setup().training(), run.ranks().size(), run::goesOn);
    }
}
