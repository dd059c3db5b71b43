package org.charlstm.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.nn.Weights;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingState;
import org.jspecify.annotations.Nullable;

/** A run under way: what is trained, validated and written, and in which order, epoch by epoch. */
final class RunLoop {
    private final TrainingRun run;
    private final Trainer trainer;
    private final RunFolder folder;
    private final RunDescription description;
    private final RunSentences sentences;
    private final Checkpoints checkpoints;
    private final String digest;
    private final List<Figures> figures = new ArrayList<>();
    /** The epoch that is under way, or was the last. */
    private int epoch;
    /** The model of the last whole epoch, or that the run began with, and which of these. */
    private @Nullable SavedModel last;
    private String lastIs = "that it began with";
    private RunState.@Nullable Best best;
    /** Whether all steps of the epoch to come were taken before the run was resumed, but it has no figures. */
    private boolean allStepsTaken;
    private boolean resumed;
    private int sampled;
    private int warned;

    RunLoop(TrainingRun run, Trainer trainer, RunFolder folder, RunSentences sentences, Checkpoints checkpoints) {
        this.run = run;
        this.trainer = trainer;
        this.folder = folder;
        this.sentences = sentences;
        this.checkpoints = checkpoints;
        digest = run.text().digest();
        description = new RunDescription(run);
    }

    RunFolder folder() {
        return folder;
    }

    List<Figures> figures() {
        return List.copyOf(figures);
    }

    int epoch() {
        return epoch;
    }

    Optional<RunState.Best> best() {
        return Optional.ofNullable(best);
    }

    boolean resumed() {
        return resumed;
    }

    /** Begins in a folder that has no run, or one to be replaced. */
    void begin() {
        RunState state = state(true);
        folder.begin(state, description.json(figures));
        last = state.model();
    }

    /** Takes up the run of a state, which is that of the folder or was before. */
    void resume(RunState state) {
        state.requireSame(run);
        resumed = true;
        trainer.restore(state.training());
        best = state.best();
        last = state.model();
        lastIs = "that it went on with";
        int reached = state.training().epoch();
        // An epoch that was not whole has no figures, or such as a kill has left before its state was saved.
        epoch = state.whole() ? reached : reached - 1;
        allStepsTaken = !state.whole() && state.training().rows() == run.text().corpus().rows();
        figures.addAll(folder.goBack(state, epoch));
        if (folder.bestIsGone()) {
            best = null;
            run.warn(RunFolder.BEST + " was of a later epoch than the state that the run goes back to; it is deleted");
        }
        sampled = state.whole() ? folder.sampledUntil() : epoch;
        description.resume(folder.description());
        describe();
    }

    /** Trains to the end; what is left to do after that, {@link #finish} does. */
    TrainingRun.End train() {
        run.tell(listener -> listener.begin(run));
        warn();
        TrainingRun.End end;
        try {
            end = epochs();
        } catch (DivergenceException e) {
            throw diverged(e);
        }
        describe();
        run.tell(listener -> listener.trained(end));
        return end;
    }

    private TrainingRun.End epochs() {
        // What a resumed run was stopped in the midst of.
        sampleIfDue();
        while (epoch < run.setup().epochs()) {
            epoch++;
            run.tell(listener -> listener.epoch(epoch));
            Figures learned = steps();
            warn();
            description.takeChoices();
            SavedModel saved = saved(run.model().weights());
            folder.save(saved);
            Figures whole = learned == null ? null : validated(learned);
            if (whole == null) {
                save(false);
                return TrainingRun.End.IN_EPOCH;
            }
            last = saved;
            lastIs = "of epoch " + epoch;
            figures.add(whole);
            folder.add(whole);
            keepBest(whole, saved);
            if (epoch % checkpoints.epochs() == 0 || epoch == run.setup().epochs() || run.isStopped()) {
                save(true);
            }
            run.tell(listener -> listener.figures(whole));
            sampleIfDue();
            if (run.isStopped() && epoch < run.setup().epochs()) {
                return TrainingRun.End.AFTER_EPOCH;
            }
        }
        return TrainingRun.End.WHOLE;
    }

    /** The steps of an epoch, or those that are left of it; null if they were stopped. */
    private @Nullable Figures steps() {
        if (allStepsTaken) {
            allStepsTaken = false;
            return trainer.figures();
        }
        while (true) {
            long begin = System.nanoTime();
            long limit = checkpoints.seconds() == 0 ? Long.MAX_VALUE
                    : TimeUnit.SECONDS.toNanos(checkpoints.seconds());
            Figures whole = trainer.epoch((done, total, progress) -> {
                run.tell(listener -> listener.step(done, total, progress));
                return !run.isStopped() && System.nanoTime() - begin < limit;
            });
            if (whole != null || run.isStopped()) {
                return whole;
            }
            save(false);
        }
    }

    /** Null if that was stopped. */
    private @Nullable Figures validated(Figures learned) {
        if (run.text().validation() == null) {
            return learned;
        }
        Optional<Evaluation> evaluation = Evaluation.of(run.model(), run.text().validation(),
                run.setup().training().batchSize(), () -> !run.isStopped());
        if (evaluation.isEmpty()) {
            return null;
        }
        double loss = evaluation.get().loss();
        if (!Double.isFinite(loss)) {
            throw new DivergenceException("training diverged: the validation loss of epoch " + epoch + " is " + loss,
                    1);
        }
        return learned.with(Figures.VAL_LOSS, loss);
    }

    private void keepBest(Figures whole, SavedModel saved) {
        if (run.text().validation() != null) {
            double loss = whole.get(Figures.VAL_LOSS);
            if (best == null || loss < best.loss()) {
                best = new RunState.Best(epoch, loss);
                folder.saveBest(saved, best);
            }
        }
    }

    private void save(boolean whole) {
        folder.save(state(whole));
        if (checkpoints.keep() > 0) {
            attempt(() -> folder.keep(epoch, checkpoints.keep()), run::warn);
        }
    }

    private RunState state(boolean whole) {
        TrainingState state = trainer.state();
        state.states().values().forEach(this::requireFinite);
        return new RunState(saved(state.weights()), state, whole, RunState.settings(run.setup().training()), digest,
                run.options(), best);
    }

    private SavedModel saved(Weights weights) {
        requireFinite(weights);
        Model model = run.model();
        return new SavedModel(model.config(), run.text().corpus().steps(), run.text().vocabulary(), weights);
    }

    private void requireFinite(Weights weights) {
        try {
            weights.requireFinite("epoch " + epoch + ", not saved");
        } catch (CharlstmException e) {
            throw new DivergenceException(e.getMessage(), 1);
        }
    }

    /** Keeps the last model before, under a name that says so. */
    private DivergenceException diverged(DivergenceException e) {
        try {
            folder.saveBeforeDivergence(Objects.requireNonNull(last, "the run has begun"));
        } catch (CharlstmException unwritten) {
            e.addSuppressed(unwritten);
            return e;
        }
        return new DivergenceException(e.what() + "; the weights " + lastIs + " are in "
                + folder.path().resolve(RunFolder.BEFORE_DIVERGENCE), e.clipNorm());
    }

    /** After a whole run: sentences, unless there just were some, and what a step's time is made of. */
    void finish() {
        if (sampled < epoch) {
            sample();
        }
        // All is saved: what fails now is no failure of the run.
        attempt(() -> {
            List<OperationTime> times = OperationTime.ofStep(run.model().device(), run.model().weights(),
                    run.text().corpus(), run.setup().training().batchSize());
            description.operations(times);
            describe();
            run.tell(listener -> listener.operations(times));
        }, run::warn);
    }

    private void sampleIfDue() {
        if (sampled < epoch && sentences.areDueAfter(epoch)) {
            sample();
        }
    }

    private void sample() {
        attempt(() -> sentences.write(run).ifPresent(written -> {
            folder.add(epoch, written);
            sampled = epoch;
            run.tell(listener -> listener.sentences(epoch, written));
        }), run::warn);
    }

    /** A description that cannot be written is no reason to end a training. */
    private void describe() {
        attempt(() -> folder.describe(description.json(figures)), run::warn);
    }

    static void attempt(Runnable what, Consumer<String> warning) {
        try {
            what.run();
        } catch (CharlstmException e) {
            warning.accept(e.getMessage());
        }
    }

    /** Passes on the device's warnings that came up since the last time. */
    private void warn() {
        List<String> warnings = run.model().device().warnings();
        warnings.stream().skip(warned).forEach(run::warn);
        warned = warnings.size();
    }
}
