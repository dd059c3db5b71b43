package org.charlstm.run;

import com.google.gson.JsonObject;
import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.base.Refuse;
import org.charlstm.run.BackgroundWriter.Pending;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunState;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Schedule;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.jspecify.annotations.Nullable;

/** Runs a training run: trains, validates, writes and samples in each epoch, and then tests. */
final class RunLoop {
    /** The share of an epoch's time that its end may wait for the disk; this is usually enough to write. */
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
    private final RunStatus status;
    /** Whether a resumed epoch has all its steps, but no figures yet. */
    private boolean allStepsTaken;
    /** The last epoch after which sentences were written. */
    private int sampledUntil;

    RunLoop(TrainingRun run, Trainer trainer, RunFolder folder, BackgroundWriter writer, RankOrders orders) {
        this.run = run;
        this.trainer = trainer;
        this.folder = folder;
        this.writer = writer;
        this.orders = orders;
        status = run.status;
        digest = run.text().digest();
        description = new RunDescription(run);
        progress = new EpochProgress(run, folder, writer);
        best = new BestEpoch(run, status);
        status.folder = folder;
        status.writer = writer;
        status.working = orders::keepWaiting;
        status.carrier = trainer.carrier();
        warnings = new RunWarnings(run);
    }

    @SuppressWarnings("try") // The trainer is closed early, to free memory for the work after training.
    static TrainingRun.End run(TrainingRun run, Supplier<RunFolder> prepared, Consumer<RunLoop> start) {
        Refuse.callIf(run.status.folder != null, "a run trains once");
        RankOrders orders = new RankOrders(run.ranks());
        try (Trainer trainer = new Trainer(run.model(), run.text().corpus(), run.setup().training(), run.ranks());
                RunFolder folder = prepared.get();
                BackgroundWriter files = new BackgroundWriter(folder, run::warn)) {
            RunLoop loop = new RunLoop(run, trainer, folder, files, orders);
            start.accept(loop);
            orders.give(RankOrders.Order.BEGIN);
            TrainingRun.End end = loop.train();
            boolean trained = end == TrainingRun.End.WHOLE || end == TrainingRun.End.EARLY;
            if (trained && run.epoch() > 0 && !run.wasDone()) {
                orders.give(RankOrders.Order.TRAINED);
                trainer.close();
                boolean finished = !run.isStopped() && loop.finish();
                if (!finished && run.text().test() != null && run.tested().isEmpty()) {
                    run.tell(RunListener::untested);
                }
            }
            files.settle();
            run.tell(RunListener::end);
            files.settle();
            orders.give(RankOrders.Order.END, List.of(TrainingRun.End.values()).indexOf(end));
            return end;
        } finally {
            run.status.writer = null;
        }
    }

    void begin() {
        RunState state = snapshot().state(true, digest, null, trainer.course());
        BackgroundWriter.requireFinite(state);
        folder.begin(state, description.json());
        writer.last = new BackgroundWriter.LastModel(state.model(), "that it began with");
    }

    /** Resumes from a state of the folder; the file is named in messages. */
    void resume(RunState state, Path file) {
        RunAgreement.requireSame(run, state);
        status.resumed = true;
        try {
            // At another rate the plateau schedule starts over: its factor belongs to the old rate.
            trainer.restore(state.isAtAnotherRate(run.setup().training())
                    ? state.training().course(Schedule.Course.BEGIN) : state.training());
        } catch (IllegalArgumentException e) {
            throw new CharlstmException(file + " does not fit the run that it is a state of: " + e.getMessage(), e);
        }
        writer.last = new BackgroundWriter.LastModel(state.model(), "that it went on with");
        int reached = state.training().epoch();
        // A run that was killed before it saved the state may have left figures of a later epoch than the state's.
        status.epoch = state.whole() ? reached : reached - 1;
        allStepsTaken = !state.whole()
                && state.training().rows() == run.setup().training().rows(run.text().corpus());
        RunFolder.Results left = folder.goBack(state, status.epoch);
        status.figures.addAll(left.figures());
        best.resume(state, folder, left);
        sampledUntil = state.whole() ? left.sampledUntil() : status.epoch;
        JsonObject before = folder.description();
        description.follow(before);
        status.wasDone = state.whole() && isOver()
                && (before.has("operations") || (!isTimed() && sampledUntil >= status.epoch))
                && (run.text().test() == null || before.has("test")) && description.saysTheSame(before);
        if (!status.wasDone) {
            description.resume(before, state, allStepsTaken);
            describe();
        }
    }

    /** Whether training is over. Early stopping depends on the best and the current epoch alone; a state has both. */
    private boolean isOver() {
        return status.epoch >= run.setup().epochs() || run.setup().stopping().endsAfter(status.epoch, status.best);
    }

    /** Whether training took long enough that the times of a step's operations are worth the seconds they take. */
    private boolean isTimed() {
        return OperationTime.isAskedFor()
                || status.figures.stream().mapToDouble(Figures::seconds).sum() >= run.timedFrom;
    }

    /** Trains to the end; {@link #finish} does the work after training. */
    private TrainingRun.End train() {
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
        if (!status.wasDone) {
            description.end(end);
            describe();
        }
        run.tell(listener -> listener.trained(end));
        return end;
    }

    /** Describes the run as failed, if the description can still be written. */
    private void describeFailure(Throwable failure) {
        description.end(failure);
        try {
            folder.describe(description.json());
        } catch (RuntimeException unwritten) {
            failure.addSuppressed(unwritten);
        }
    }

    private TrainingRun.End epochs() {
        // A resumed run may have been stopped while it sampled.
        sampleIfDue();
        while (!isOver()) {
            status.epoch++;
            writer.report();
            progress.begin(status.epoch);
            run.tell(listener -> listener.epoch(status.epoch));
            Figures learned = steps();
            warnings.ofDevice();
            warnings.ofStreams(trainer::streamLosses, status.epoch);
            description.takeChoices();
            Snapshot snapshot = snapshot();
            writer.write(new Pending().model(status.epoch, snapshot::model));
            Figures whole = learned == null ? null : validated(learned);
            if (whole == null) {
                writer.write(checkpoint(snapshot, false));
                return TrainingRun.End.IN_EPOCH;
            }
            orders.give(RankOrders.Order.MONITOR, whole.get(run.monitor()));
            trainer.monitor(whole.get(run.monitor()));
            run.tell(listener -> listener.learned(whole));
            Figures.Best better = best.take(whole);
            boolean last = isOver();
            boolean due = status.epoch % run.checkpoints.epochs() == 0 || last;
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
        return status.epoch < run.setup().epochs() ? TrainingRun.End.EARLY : TrainingRun.End.WHOLE;
    }

    /** Takes the steps of an epoch, or the remaining steps; null if the run was stopped. */
    private @Nullable Figures steps() {
        if (allStepsTaken) {
            allStepsTaken = false;
            return trainer.figures();
        }
        while (true) {
            long begin = System.nanoTime();
            long limit = run.checkpoints.seconds() == 0 ? Long.MAX_VALUE
                    : TimeUnit.SECONDS.toNanos(run.checkpoints.seconds());
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

    /** Validates and adds the figures; null if the run was stopped. */
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
            throw new DivergenceException("training diverged: the validation loss of epoch " + status.epoch + " is "
                    + loss);
        }
        return withLearningRate(learned.with(Figures.VAL_LOSS, loss).with(Figures.VAL_REAL_LOSS,
                evaluation.get().realLoss()).with(Figures.VAL_BITS, evaluation.get().bits()));
    }

    private Figures withLearningRate(Figures figures) {
        return run.setup().training().changesRate() ? figures.with(Figures.LEARNING_RATE, trainer.learningRate())
                : figures;
    }

    /** Saves an epoch, and notifies listeners when it is on disk. */
    private void save(Figures whole, Snapshot snapshot, Figures.@Nullable Best better, boolean due) {
        Pending save = due ? checkpoint(snapshot, true) : new Pending();
        if (better != null) {
            save.best(snapshot::model, better);
        }
        writer.write(save.figures(whole, snapshot::model), () -> {
            status.figures.add(whole);
            run.tell(listener -> listener.figures(whole));
        });
    }

    private Pending checkpoint(Snapshot snapshot, boolean whole) {
        if (run.checkpoints.keep() > 0) {
            // Wait, so that a state to keep is written before a newer state replaces it in the queue.
            writer.await();
        }
        Figures.Best bestUntilNow = status.best;
        Schedule.Course course = trainer.course();
        return new Pending().state(() -> snapshot.state(whole, digest, bestUntilNow, course), run.checkpoints.keep());
    }

    private Snapshot snapshot() {
        return new Snapshot(run, trainer.copyState());
    }

    /** Saves the last model before the divergence. */
    private DivergenceException diverged(DivergenceException e) {
        BackgroundWriter.LastModel last = Objects.requireNonNull(writer.last, "the run has begun");
        try {
            folder.saveBeforeDivergence(last.model());
        } catch (CharlstmException unwritten) {
            e.addSuppressed(unwritten);
            return e;
        }
        return new DivergenceException(e.what() + "; the weights " + last.origin() + " are in "
                + folder.path().resolve(RunFolder.BEFORE_DIVERGENCE));
    }

    /** Does the work after training. Returns false if the run is stopped before a step's operations are timed. */
    private boolean finish() {
        if (sampledUntil < status.epoch) {
            sample();
        }
        // Everything is saved: a failure from here on becomes a warning.
        warnIfFailing("the run is whole and saved, but not tested", () -> best.test(folder).ifPresent(figures -> {
            status.tested = figures;
            describe();
            run.tell(listener -> listener.tested(figures));
        }));
        if (run.isStopped()) {
            return false;
        }
        if (!isTimed()) {
            return true;
        }
        // The timing needs memory for a second copy of the model.
        warnIfFailing("the run is whole and saved, but its operations are not timed", () -> {
            TrainingOptions training = run.setup().training();
            List<OperationTime> times = OperationTime.ofStep(run.model().device(), run.model().weights(),
                    run.text().corpus(), training.batchSize(Math.ceilDiv(training.batchSize(), run.ranks().size())));
            description.operations(times);
            describe();
            run.tell(listener -> listener.operations(times));
        });
        return true;
    }

    private void sampleIfDue() {
        if (sampledUntil < status.epoch && run.sentences.areDueAfter(status.epoch)) {
            sample();
        }
    }

    private void sample() {
        warnIfFailing("there are no sentences of epoch " + status.epoch,
                () -> run.sentences.write(run).ifPresent(written -> {
                    int after = status.epoch;
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
                }));
    }

    /** A failure to write the description does not end training. */
    private void describe() {
        try {
            folder.describe(description.json());
        } catch (CharlstmException e) {
            run.warn(e.getMessage());
        }
    }

    private void warnIfFailing(String without, Runnable what) {
        try {
            what.run();
        } catch (CharlstmException e) {
            run.warn(without + ": " + (e instanceof DeviceException device && device.outOfMemory()
                    ? "no memory is left for that" : e.getMessage()));
        }
    }
}
