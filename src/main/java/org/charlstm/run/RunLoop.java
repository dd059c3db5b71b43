package org.charlstm.run;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.charlstm.CharlstmException;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.EpochSize;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Schedule;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/** A run under way: what is trained, validated and written, and in which order, epoch by epoch. */
final class RunLoop {
    /** How long an epoch's end may wait for the disk, of the epoch's time: mostly all is saved then. */
    private static final double WAIT = 0.003;

    private final TrainingRun run;
    private final Trainer trainer;
    private final RunFolder folder;
    private final RunDescription description;
    private final Saver saver;
    private final EpochProgress progress;
    private final RunSentences sentences;
    private final Checkpoints checkpoints;
    private final RankOrders orders;
    private final String digest;
    private final BestEpoch best;
    /** Those that are saved. */
    private final List<Figures> figures = new ArrayList<>();
    /** The epoch that is under way, or was the last. */
    private int epoch;
    private @Nullable Figures tested;
    /** Whether all steps of the epoch to come were taken before the run was resumed, but it has no figures. */
    private boolean allStepsTaken;
    private boolean resumed;
    private boolean wasDone;
    private int sampled;
    private int warned;
    private boolean warnedOfStreams;

    RunLoop(TrainingRun run, Trainer trainer, RunFolder folder, Saver saver, RunSentences sentences,
            Checkpoints checkpoints, RankOrders orders) {
        this.run = run;
        this.trainer = trainer;
        this.folder = folder;
        this.saver = saver;
        this.sentences = sentences;
        this.checkpoints = checkpoints;
        this.orders = orders;
        digest = run.text().digest();
        description = new RunDescription(run);
        progress = new EpochProgress(run, folder, saver);
        best = new BestEpoch(run);
    }

    RunFolder folder() {
        return folder;
    }

    Optional<String> carrier() {
        return trainer.carrier();
    }

    List<Figures> figures() {
        return List.copyOf(figures);
    }

    int epoch() {
        return epoch;
    }

    boolean wasDone() {
        return wasDone;
    }

    BestEpoch best() {
        return best;
    }

    Optional<Figures> tested() {
        return Optional.ofNullable(tested);
    }

    boolean resumed() {
        return resumed;
    }

    /** Begins in a folder that has no run, or one to be replaced. */
    void begin() {
        RunState state = snapshot().state(true, digest, null, trainer.course());
        Save.requireFinite(state);
        folder.begin(state, description.json(figures));
        saver.begin(new Saver.Last(state.model(), "that it began with"));
    }

    /** Takes up the run of a state, which is that of the folder or was before; the file is for messages. */
    void resume(RunState state, Path file) {
        state.requireSame(run);
        resumed = true;
        try {
            // A plateau that lowered the old rate does not lower the new one.
            trainer.restore(state.isAtAnotherRate(run) ? state.training().course(Schedule.Course.BEGIN)
                    : state.training());
        } catch (IllegalArgumentException e) {
            throw new CharlstmException(file + " does not fit the run that it is a state of: " + e.getMessage(), e);
        }
        saver.begin(new Saver.Last(state.model(), "that it went on with"));
        int reached = state.training().epoch();
        // An epoch that was not whole has no figures, or such as a kill has left before its state was saved.
        epoch = state.whole() ? reached : reached - 1;
        allStepsTaken = !state.whole()
                && state.training().rows() == EpochSize.rows(run.text().corpus(), run.setup().training());
        figures.addAll(folder.goBack(state, epoch));
        best.resume(state, folder, figures);
        sampled = state.whole() ? folder.sampledUntil() : epoch;
        JsonObject before = folder.description();
        wasDone = state.whole() && isOver() && before.has("operations")
                && (run.text().test() == null || before.has("test")) && description.saysTheSame(before, figures);
        if (!wasDone) {
            description.resume(before, state);
            describe();
        }
    }

    private boolean isOver() {
        return epoch >= run.setup().epochs() || isEnough();
    }

    /** Trains to the end; what is left to do after that, {@link #finish} does. */
    TrainingRun.End train() {
        run.tell(listener -> listener.begin(run));
        ScheduleWarnings.of(run).forEach(run::warn);
        warn();
        TrainingRun.End end;
        try {
            end = epochs();
            saver.settle();
        } catch (RuntimeException e) {
            try {
                saver.settle();
            } catch (RuntimeException unsaved) {
                e.addSuppressed(unsaved);
            }
            describeFailure(e);
            throw e instanceof DivergenceException diverged ? diverged(diverged) : e;
        } catch (Error e) {
            describeFailure(e);
            throw e;
        }
        if (!wasDone) {
            description.end(end);
            describe();
        }
        run.tell(listener -> listener.trained(end));
        return end;
    }

    /** Has the description say that the run failed, where it can still be written; why, the failure itself tells. */
    private void describeFailure(Throwable failure) {
        description.end(failure);
        try {
            folder.describe(description.json(figures));
        } catch (RuntimeException unwritten) {
            failure.addSuppressed(unwritten);
        }
    }

    private TrainingRun.End epochs() {
        // What a resumed run was stopped in the midst of.
        sampleIfDue();
        while (!isOver()) {
            epoch++;
            saver.tell();
            progress.begin(epoch);
            run.tell(listener -> listener.epoch(epoch));
            Figures learned = steps();
            warn();
            warnOfStreams();
            description.takeChoices();
            Snapshot snapshot = snapshot();
            saver.hand(new Save(epoch).model(snapshot::model));
            Figures whole = learned == null ? null : validated(learned);
            if (whole == null) {
                saver.hand(checkpoint(snapshot, false));
                return TrainingRun.End.IN_EPOCH;
            }
            orders.give(RankOrders.Order.MONITOR, whole.get(run.monitor()));
            trainer.monitor(whole.get(run.monitor()));
            run.tell(listener -> listener.learned(whole));
            RunState.Best better = best.take(whole);
            boolean last = isOver();
            boolean due = epoch % checkpoints.epochs() == 0 || last;
            save(whole, snapshot, better, due);
            progress.over();
            saver.await(WAIT * whole.seconds());
            saver.tell();
            sampleIfDue();
            if (run.isStopped() && !last) {
                if (!due) {
                    saver.hand(checkpoint(snapshot, true));
                }
                return TrainingRun.End.AFTER_EPOCH;
            }
        }
        return epoch < run.setup().epochs() ? TrainingRun.End.EARLY : TrainingRun.End.WHOLE;
    }

    /** Whether no better epoch is waited for. The best and the epoch are all that this takes, and so the state's. */
    private boolean isEnough() {
        return run.setup().stopping().endsAfter(epoch, best.orNull());
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
            orders.give(RankOrders.Order.EPOCH);
            Figures whole;
            try {
                whole = trainer.epoch((done, total, now) -> {
                    saver.tell();
                    progress.step(done, total, now);
                    run.tell(listener -> listener.step(done, total, now));
                    return !run.isStopped() && System.nanoTime() - begin < limit;
                });
            } finally {
                run.ranks().stepsDone();
            }
            if (whole == null && System.nanoTime() - begin < limit) {
                // If not here, another rank was told to end.
                run.stop();
            }
            if (whole != null || run.isStopped()) {
                return whole;
            }
            saver.hand(checkpoint(snapshot(), false));
        }
    }

    /** Null if that was stopped. */
    private @Nullable Figures validated(Figures learned) {
        if (run.text().validation() == null) {
            return rated(learned);
        }
        Optional<Evaluation> evaluation = Evaluation.of(run.model(), run.text().validation(), run.setup().training(),
                run.ranks().size(), run::goesOn);
        if (evaluation.isEmpty()) {
            return null;
        }
        double loss = evaluation.get().loss();
        if (!Double.isFinite(loss)) {
            throw new DivergenceException("training diverged: the validation loss of epoch " + epoch + " is " + loss,
                    1);
        }
        return rated(learned.with(Figures.VAL_LOSS, loss).with(Figures.VAL_REAL_LOSS, evaluation.get().realLoss())
                .with(Figures.VAL_BITS, evaluation.get().bits()));
    }

    private Figures rated(Figures figures) {
        return run.setup().training().changesRate() ? figures.with(Figures.LEARNING_RATE, trainer.learningRate())
                : figures;
    }

    /** Has an epoch saved, and told of then. */
    private void save(Figures whole, Snapshot snapshot, RunState.@Nullable Best better, boolean due) {
        Save save = due ? checkpoint(snapshot, true) : new Save(epoch);
        if (better != null) {
            save.best(snapshot::model, better);
        }
        saver.hand(save.figures(whole, snapshot::model), () -> {
            figures.add(whole);
            run.tell(listener -> listener.figures(whole));
        });
    }

    private Save checkpoint(Snapshot snapshot, boolean whole) {
        if (checkpoints.keep() > 0) {
            // Each of those that are kept is written: none is left out for a newer one.
            saver.await();
        }
        RunState.Best bestUntilNow = best.orNull();
        Schedule.Course course = trainer.course();
        return new Save(epoch).state(() -> snapshot.state(whole, digest, bestUntilNow, course), checkpoints.keep());
    }

    private Snapshot snapshot() {
        return new Snapshot(run, trainer.copyState());
    }

    /** Keeps the last model before, under a name that says so. */
    private DivergenceException diverged(DivergenceException e) {
        Saver.Last last = Objects.requireNonNull(saver.last(), "the run has begun");
        try {
            folder.saveBeforeDivergence(last.model());
        } catch (CharlstmException unwritten) {
            e.addSuppressed(unwritten);
            return e;
        }
        return new DivergenceException(e.what() + "; the weights " + last.is() + " are in "
                + folder.path().resolve(RunFolder.BEFORE_DIVERGENCE), e.clipNorm());
    }

    /** After a whole run: sentences, unless there just were some, the test, and what a step's time is made of. */
    void finish() {
        if (sampled < epoch) {
            sample();
        }
        // All is saved: what fails now is no failure of the run.
        attempt(() -> FinalTest.of(run, folder).ifPresent(figures -> {
            tested = figures;
            description.tested(figures);
            describe();
            run.tell(listener -> listener.tested(figures));
        }), run::warn);
        if (run.isStopped()) {
            leaveOut();
            return;
        }
        attempt(() -> {
            TrainingOptions training = run.setup().training();
            List<OperationTime> times = OperationTime.ofStep(run.model().device(), run.model().weights(),
                    run.text().corpus(), training.batchSize(Math.ceilDiv(training.batchSize(), run.ranks().size())));
            description.operations(times);
            describe();
            run.tell(listener -> listener.operations(times));
        }, run::warn);
    }

    /** Of a run that was stopped after it had trained: tells if there should have been a test. */
    void leaveOut() {
        if (run.text().test() != null && tested == null) {
            run.tell(RunListener::untested);
        }
    }

    /** Tells that all is in the folder. */
    void end() {
        saver.settle();
        run.tell(RunListener::end);
        saver.settle();
    }

    private void sampleIfDue() {
        if (sampled < epoch && sentences.areDueAfter(epoch)) {
            sample();
        }
    }

    private void sample() {
        attempt(() -> sentences.write(run).ifPresent(written -> {
            int after = epoch;
            sampled = after;
            AtomicBoolean there = new AtomicBoolean();
            saver.hand(new Save(after).other(() -> {
                folder.add(after, written);
                there.set(true);
            }), () -> {
                if (there.get()) {
                    run.tell(listener -> listener.sentences(after, written));
                }
            });
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

    /** Once: what is to be done about it is the same in each epoch. */
    private void warnOfStreams() {
        if (!warnedOfStreams) {
            Optional<String> stuck = StuckStreams.of(trainer.streamLosses(), run.model().config().symbols(), epoch);
            stuck.ifPresent(run::warn);
            warnedOfStreams = stuck.isPresent();
        }
    }

    /** Passes on the device's warnings that came up since the last time. */
    private void warn() {
        List<String> warnings = run.model().device().warnings();
        warnings.stream().skip(warned).forEach(run::warn);
        warned = warnings.size();
    }
}
