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
import org.charlstm.run.BackgroundWriter.Pending;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.EpochSize;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Schedule;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/** Runs the epochs: trains, validates and writes. */
final class RunLoop {
    /** The share of an epoch's time that its end may wait for the disk; this is mostly enough. */
    private static final double WAIT = 0.003;

    private final TrainingRun run;
    private final Trainer trainer;
    private final RunFolder folder;
    private final RunDescription description;
    private final BackgroundWriter writer;
    private final EpochProgress progress;
    private final RankOrders orders;
    private final String digest;
    private final BestEpoch best;
    private final RunWarnings warnings;
    /** The epochs that are saved. */
    private final List<Figures> figures = new ArrayList<>();
    /** The epoch under way, or the last one that ended. */
    private int epoch;
    private @Nullable Figures tested;
    /** Whether a resumed epoch has all its steps, but no figures yet. */
    private boolean allStepsTaken;
    private boolean resumed;
    private boolean wasDone;
    /** The last epoch with sentences. */
    private int sampledUntil;

    RunLoop(TrainingRun run, Trainer trainer, RunFolder folder, BackgroundWriter writer, RankOrders orders) {
        this.run = run;
        this.trainer = trainer;
        this.folder = folder;
        this.writer = writer;
        this.orders = orders;
        digest = run.text().digest();
        description = new RunDescription(run);
        progress = new EpochProgress(run, folder, writer);
        best = new BestEpoch(run);
        warnings = new RunWarnings(run);
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

    EpochTimes times() {
        return description.times(figures);
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

    void begin() {
        RunState state = snapshot().state(true, digest, null, trainer.course());
        BackgroundWriter.requireFinite(state);
        folder.begin(state, description.json(figures));
        writer.begin(new BackgroundWriter.LastModel(state.model(), "that it began with"));
    }

    /** Resumes from a state of the folder; its file is for messages. */
    void resume(RunState state, Path file) {
        state.requireSame(run);
        resumed = true;
        try {
            // A plateau begins anew: it had reduced the old rate.
            trainer.restore(state.isAtAnotherRate(run) ? state.training().course(Schedule.Course.BEGIN)
                    : state.training());
        } catch (IllegalArgumentException e) {
            throw new CharlstmException(file + " does not fit the run that it is a state of: " + e.getMessage(), e);
        }
        writer.begin(new BackgroundWriter.LastModel(state.model(), "that it went on with"));
        int reached = state.training().epoch();
        // A kill before the state was saved leaves figures of an epoch that the state does not have.
        epoch = state.whole() ? reached : reached - 1;
        allStepsTaken = !state.whole()
                && state.training().rows() == EpochSize.rows(run.text().corpus(), run.setup().training());
        RunFolder.Results left = folder.goBack(state, epoch);
        figures.addAll(left.figures());
        best.resume(state, folder, left);
        sampledUntil = state.whole() ? left.sampledUntil() : epoch;
        JsonObject before = folder.description();
        description.follow(before);
        wasDone = state.whole() && isOver() && before.has("operations")
                && (run.text().test() == null || before.has("test")) && description.saysTheSame(before, figures);
        if (!wasDone) {
            description.resume(before, state, allStepsTaken);
            describe();
        }
    }

    private boolean isOver() {
        return epoch >= run.setup().epochs() || isEnough();
    }

    /** Trains to the end; {@link #finish} does the rest. */
    TrainingRun.End train() {
        run.tell(listener -> listener.begin(run));
        RunWarnings.ofSettings(run).forEach(run::warn);
        warnings.ofDevice();
        TrainingRun.End end;
        try {
            end = epochs();
            writer.settle();
        } catch (RuntimeException e) {
            try {
                writer.settle();
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

    /** Describes the run as failed, if it can still be written. */
    private void describeFailure(Throwable failure) {
        description.end(failure);
        try {
            folder.describe(description.json(figures));
        } catch (RuntimeException unwritten) {
            failure.addSuppressed(unwritten);
        }
    }

    private TrainingRun.End epochs() {
        // A resumed run may have been stopped while it sampled.
        sampleIfDue();
        while (!isOver()) {
            epoch++;
            writer.report();
            progress.begin(epoch);
            run.tell(listener -> listener.epoch(epoch));
            Figures learned = steps();
            warnings.ofDevice();
            warnings.ofStreams(trainer::streamLosses, epoch);
            description.takeChoices();
            RunState.Snapshot snapshot = snapshot();
            writer.write(new Pending().model(epoch, snapshot::model));
            Figures whole = learned == null ? null : validated(learned);
            if (whole == null) {
                writer.write(checkpoint(snapshot, false));
                return TrainingRun.End.IN_EPOCH;
            }
            orders.give(RankOrders.Order.MONITOR, whole.get(run.monitor()));
            trainer.monitor(whole.get(run.monitor()));
            run.tell(listener -> listener.learned(whole));
            RunState.Best better = best.take(whole);
            boolean last = isOver();
            boolean due = epoch % run.checkpoints().epochs() == 0 || last;
            save(whole, snapshot, better, due);
            progress.over();
            writer.await(WAIT * whole.seconds());
            writer.report();
            sampleIfDue();
            if (run.isStopped() && !last) {
                if (!due) {
                    writer.write(checkpoint(snapshot, true));
                }
                return TrainingRun.End.AFTER_EPOCH;
            }
        }
        return epoch < run.setup().epochs() ? TrainingRun.End.EARLY : TrainingRun.End.WHOLE;
    }

    /** Whether early stopping ends the run. It depends on the best and the epoch alone, which a state has. */
    private boolean isEnough() {
        return run.setup().stopping().endsAfter(epoch, best.best());
    }

    /** Takes the steps of an epoch, or the rest of them; null if the run was stopped. */
    private @Nullable Figures steps() {
        if (allStepsTaken) {
            allStepsTaken = false;
            return trainer.figures();
        }
        while (true) {
            long begin = System.nanoTime();
            long limit = run.checkpoints().seconds() == 0 ? Long.MAX_VALUE
                    : TimeUnit.SECONDS.toNanos(run.checkpoints().seconds());
            orders.give(RankOrders.Order.EPOCH);
            Figures whole;
            try {
                whole = trainer.epoch((done, total, now) -> {
                    writer.report();
                    progress.step(done, total, now);
                    run.tell(listener -> listener.step(done, total, now));
                    return !run.isStopped() && System.nanoTime() - begin < limit;
                });
            } finally {
                run.ranks().stepsDone();
            }
            if (whole == null && System.nanoTime() - begin < limit) {
                // Another rank was stopped.
                run.stop();
            }
            if (whole != null || run.isStopped()) {
                return whole;
            }
            writer.write(checkpoint(snapshot(), false));
        }
    }

    /** Adds the figures of validation; null if the run was stopped. */
    private @Nullable Figures validated(Figures learned) {
        if (run.text().validation() == null) {
            return withLearningRate(learned);
        }
        Optional<Evaluation> evaluation = Evaluation.of(run.model(), run.text().validation(), run.setup().training(),
                run.ranks().size(), run::goesOn);
        if (evaluation.isEmpty()) {
            return null;
        }
        double loss = evaluation.get().loss();
        if (!Double.isFinite(loss)) {
            throw new DivergenceException("training diverged: the validation loss of epoch " + epoch + " is " + loss);
        }
        return withLearningRate(
                learned.with(Figures.VAL_LOSS, loss).with(Figures.VAL_REAL_LOSS, evaluation.get().realLoss())
                        .with(Figures.VAL_BITS, evaluation.get().bits()));
    }

    private Figures withLearningRate(Figures figures) {
        return run.setup().training().changesRate() ? figures.with(Figures.LEARNING_RATE, trainer.learningRate())
                : figures;
    }

    /** Saves an epoch, and notifies listeners once it is saved. */
    private void save(Figures whole, RunState.Snapshot snapshot, RunState.@Nullable Best better, boolean due) {
        Pending save = due ? checkpoint(snapshot, true) : new Pending();
        if (better != null) {
            save.best(snapshot::model, better);
        }
        writer.write(save.figures(whole, snapshot::model), () -> {
            figures.add(whole);
            run.tell(listener -> listener.figures(whole));
        });
    }

    private Pending checkpoint(RunState.Snapshot snapshot, boolean whole) {
        if (run.checkpoints().keep() > 0) {
            // Every state that is kept is written before a newer one takes its place in the queue.
            writer.await();
        }
        RunState.Best bestUntilNow = best.best();
        Schedule.Course course = trainer.course();
        return new Pending().state(() -> snapshot.state(whole, digest, bestUntilNow, course),
                run.checkpoints().keep());
    }

    private RunState.Snapshot snapshot() {
        return new RunState.Snapshot(run, trainer.copyState());
    }

    /** Keeps the last model before the divergence. */
    private DivergenceException diverged(DivergenceException e) {
        BackgroundWriter.LastModel last = Objects.requireNonNull(writer.last(), "the run has begun");
        try {
            folder.saveBeforeDivergence(last.model());
        } catch (CharlstmException unwritten) {
            e.addSuppressed(unwritten);
            return e;
        }
        return new DivergenceException(e.what() + "; the weights " + last.origin() + " are in "
                + folder.path().resolve(RunFolder.BEFORE_DIVERGENCE));
    }

    /** After training: sentences, unless they were just written, the test, and the times of a step's operations. */
    void finish() {
        if (sampledUntil < epoch) {
            sample();
        }
        // All is saved: a failure from here on is only a warning.
        warnIfFailing(() -> best.test(folder).ifPresent(figures -> {
            tested = figures;
            description.tested(figures);
            describe();
            run.tell(listener -> listener.tested(figures));
        }), run::warn);
        if (run.isStopped()) {
            reportMissingTest();
            return;
        }
        warnIfFailing(() -> {
            TrainingOptions training = run.setup().training();
            List<OperationTime> times = OperationTime.ofStep(run.model().device(), run.model().weights(),
                    run.text().corpus(), training.batchSize(Math.ceilDiv(training.batchSize(), run.ranks().size())));
            description.operations(times);
            describe();
            run.tell(listener -> listener.operations(times));
        }, run::warn);
    }

    /** Notifies listeners of a test that a stop prevented. */
    void reportMissingTest() {
        if (run.text().test() != null && tested == null) {
            run.tell(RunListener::untested);
        }
    }

    void end() {
        writer.settle();
        run.tell(RunListener::end);
        writer.settle();
    }

    private void sampleIfDue() {
        if (sampledUntil < epoch && run.sentences().areDueAfter(epoch)) {
            sample();
        }
    }

    private void sample() {
        warnIfFailing(() -> run.sentences().write(run).ifPresent(written -> {
            int after = epoch;
            sampledUntil = after;
            AtomicBoolean there = new AtomicBoolean();
            writer.write(new Pending().optional(() -> {
                folder.add(after, written);
                there.set(true);
            }), () -> {
                if (there.get()) {
                    run.tell(listener -> listener.sentences(after, written));
                }
            });
        }), run::warn);
    }

    /** A failure to write the description does not end training. */
    private void describe() {
        warnIfFailing(() -> folder.describe(description.json(figures)), run::warn);
    }

    static void warnIfFailing(Runnable what, Consumer<String> warning) {
        try {
            what.run();
        } catch (CharlstmException e) {
            warning.accept(e.getMessage());
        }
    }
}
