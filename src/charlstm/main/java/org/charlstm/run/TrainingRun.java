package org.charlstm.run;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.base.Refuse;
import org.charlstm.base.Spread;
import org.charlstm.nn.Model;
import org.charlstm.rank.Collective;
import org.charlstm.run.BackgroundWriter.Pending;
import org.charlstm.run.folder.OutFolder;
import org.charlstm.run.folder.RunFolder;
import org.charlstm.run.folder.RunState;
import org.charlstm.run.folder.StateFile;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/** Trains a model on a text, once. Writes model, figures and sentences to a folder, and notifies listeners. */
public final class TrainingRun {
    private final Model model;
    private final TrainingText text;
    private final Setup setup;
    private final String monitor;
    private final List<RunListener> listeners = new ArrayList<>();
    /** The listeners whose failure has been reported. */
    private final Set<RunListener> failed = new HashSet<>();
    Map<String, @Nullable String> options = Map.of();
    Checkpoints checkpoints = Checkpoints.DEFAULT;
    RunSentences sentences = new RunSentences(0, 3);
    /** The seconds of training from which on the operations of a step are timed. */
    double timedFrom = 10;
    private Collective ranks = Collective.single();
    final RunStatus status = new RunStatus();
    private volatile boolean stopped;

    /** How a run's training ended. */
    public enum End {
        /** All epochs are complete. */
        WHOLE,
        /** {@link EarlyStopping} ended the run before the last epoch. */
        EARLY,
        /** The run was stopped after an epoch. */
        AFTER_EPOCH,
        /** The run was stopped within an epoch. The epoch's steps count, but it has no figures. */
        IN_EPOCH
    }

    /**
     * When a run saves its state, besides its end: after every {@code epochs} epochs, at least 1, and within an epoch
     * after every {@code seconds} seconds, 0 for never. {@code keep} states before the latest are kept.
     */
    public record Checkpoints(int epochs, long seconds, int keep) {
        public static final Checkpoints DEFAULT = new Checkpoints(1, 0, 0);

        public Checkpoints {
            Refuse.argumentIf(epochs < 1 || seconds < 0 || keep < 0,
                    "checkpoints every " + epochs + " epochs and " + seconds + " seconds, of which " + keep
                            + " are kept");
        }
    }

    /** Statistics of the epochs' seconds. Each process's first epoch, a warm-up, counts only if there are no others. */
    public record EpochTimes(double first, double mean, double median, double min, double max) {
        /** The times of at least one epoch. */
        static EpochTimes of(List<Figures> epochs, Set<Integer> resumed) {
            List<Double> others = epochs.stream().skip(1).filter(each -> !resumed.contains(each.epoch()))
                    .map(Figures::seconds).toList();
            if (others.isEmpty()) {
                others = epochs.stream().map(Figures::seconds).toList();
            }
            Spread spread = Spread.of(others);
            return new EpochTimes(epochs.getFirst().seconds(),
                    others.stream().mapToDouble(Double::doubleValue).average().orElseThrow(), spread.median(),
                    spread.min(), spread.max());
        }
    }

    /**
     * A run that has not begun. The caller closes the model, which may have the {@link Setup#weights}; text and model
     * must have the same number of symbols. The setup's layers are ignored, since the model has its own. Throws
     * {@link IllegalArgumentException} if the monitor is a validation loss and the text has no validation.
     */
    public TrainingRun(Model model, TrainingText text, Setup setup) {
        this.model = model;
        this.text = text;
        this.setup = setup;
        monitor = setup.stopping().monitored(text);
    }

    /** Adds a listener; listeners are notified in the order in which they were added. */
    public TrainingRun add(RunListener listener) {
        listeners.add(listener);
        return this;
    }

    /** Lets the model write sentences after every {@code epochs} epochs; with 0, after the last epoch alone. */
    public TrainingRun sentences(int epochs, int howMany) {
        sentences = new RunSentences(epochs, howMany);
        return this;
    }

    /** Sets the options that the description lists instead of the setup, by name; a value may be null. */
    public TrainingRun options(Map<String, @Nullable String> asked) {
        options = asked;
        return this;
    }

    /** Sets when the run saves the state from which it can resume. */
    public TrainingRun checkpoints(Checkpoints when) {
        checkpoints = when;
        return this;
    }

    /**
     * Trains together with other processes; the caller closes the ranks. Each process makes a run of the same model,
     * text and setup, and takes its share of every batch. Rank 0 decides and writes; the other ranks have no folder and
     * do not notify listeners. {@link #stop} in any rank ends the run.
     */
    @SuppressWarnings("exports") // Ranks are the tool's.
    public TrainingRun ranks(Collective all) {
        ranks = all;
        return this;
    }

    /** Lets a {@link org.charlstm.run.folder.StopRequest}, as the server's page makes one, stop the run. */
    public TrainingRun stopOnRequest() {
        return add(new StopListener(this::stop, 1000));
    }

    /** The processes that train together. */
    @SuppressWarnings("exports") // Likewise.
    public Collective ranks() {
        return ranks;
    }

    /** A description of the transport of gradients between ranks; empty for one process, and before the run begins. */
    public Optional<String> carrier() {
        return status.carrier;
    }

    /** Writes a listener's file in the background, after the run's files so far. A failure becomes a warning. */
    public void write(Runnable file) {
        BackgroundWriter open = status.writer;
        if (open == null) {
            throw new IllegalStateException("a run writes from its beginning to its end");
        }
        open.write(new Pending().optional(file));
    }

    /** Ends training after the current step. Any thread may call this at any time. */
    public void stop() {
        stopped = true;
    }

    public Model model() {
        return model;
    }

    public TrainingText text() {
        return text;
    }

    public Setup setup() {
        return setup;
    }

    /** The name of the figure that is lowest in the best epoch. A schedule may depend on it too. */
    public String monitor() {
        return monitor;
    }

    /** Whether the run keeps its best model. */
    boolean keepsBest() {
        return setup.stopping().keepsBest(text);
    }

    /** The run's folder; empty before the run begins. */
    public Optional<Path> folder() {
        return Optional.ofNullable(status.folder).map(RunFolder::path);
    }

    /** Whether this run resumes another run; false before it begins. */
    public boolean resumed() {
        return status.resumed;
    }

    /** Whether this run resumes a finished run, and so has nothing to do; false before it begins. */
    public boolean wasDone() {
        return status.wasDone;
    }

    /** The current or last epoch, counted from 1; 0 before the first. */
    public int epoch() {
        return status.epoch;
    }

    /** The epoch of the lowest monitored loss; empty if the best model is not kept, and before the first epoch. */
    public Optional<Figures.Best> best() {
        return Optional.ofNullable(status.best);
    }

    /** Whether the folder has the best epoch's model. It may be missing after resuming. */
    public boolean bestIsKept() {
        return status.bestIsKept;
    }

    /** The figures of the complete epochs. */
    public List<Figures> figures() {
        return List.copyOf(status.figures);
    }

    /** The times of the epochs; empty before the first epoch is complete. */
    public Optional<EpochTimes> times() {
        return status.times();
    }

    /** The test figures of the best model, or of the last if the best is not kept; empty without a test. */
    public Optional<Figures> tested() {
        return Optional.ofNullable(status.tested);
    }

    /**
     * Trains. Unless the run is stopped, the model then writes sentences, the best model is tested, and, if the epochs
     * took ten seconds or more, the operations of a step are timed for the report. If {@code out} is null, the folder
     * is a fresh one under {@code runs/}; {@code force} lets the run overwrite another run in the folder. Throws
     * {@link IllegalArgumentException} if the warm-up takes up a whole cosine schedule, and {@link CharlstmException}
     * if the folder holds a run, if it cannot be written to, or if training diverges; after a divergence the folder has
     * the model of the last epoch before.
     */
    public End train(@Nullable Path out, boolean force) {
        setup.training().requireRoom(text.corpus().rows());
        RunAgreement.require(this, null);
        if (ranks.rank() > 0) {
            return RankOrders.follow(this, null);
        }
        // The folder comes last: a run that cannot start leaves no folder.
        return RunLoop.run(this, () -> new RunFolder(OutFolder.prepare(out, force)), RunLoop::begin);
    }

    /**
     * Resumes a run up to this run's number of epochs; {@code run} is a run's folder, for its last state, or a state's
     * file. On the same device the result has the same bits as an uninterrupted run. Only the learning rate and its
     * schedule may change: each further epoch then has the rate of a run that began with them, and the description
     * names the first such epoch. Throws {@link CharlstmException} if there is no state, if the state is of another
     * text or other settings, if another process trains into the folder, if the folder cannot be written to, or if
     * training diverges.
     */
    public End resume(Path run) {
        Path state = StateFile.settled(run);
        if (ranks.size() > 1) {
            RunState read = StateFile.load(state);
            RunAgreement.require(this, read);
            if (ranks.rank() > 0) {
                return RankOrders.follow(this, read);
            }
        }
        boolean whole = Files.isDirectory(state);
        Path home = whole ? state : Objects.requireNonNull(state.getParent(), "a state lies somewhere");
        return RunLoop.run(this, () -> new RunFolder(new OutFolder(home, false)),
                loop -> loop.resume(StateFile.load(state), whole ? state.resolve(StateFile.NAME) : state));
    }

    /** Notifies every listener; the first failure of each listener becomes a warning. */
    void tell(Consumer<RunListener> event) {
        for (RunListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (DeviceException e) {
                // A failure of the device is a failure of the run.
                throw e;
            } catch (RuntimeException e) {
                if (failed.add(listener)) {
                    warn(e instanceof CharlstmException known ? known.getMessage() : e.toString());
                }
            }
        }
    }

    void warn(String warning) {
        tell(listener -> listener.warning(warning));
    }

    boolean isStopped() {
        return stopped;
    }

    /** Whether the run is not stopped. Each call also shows the waiting ranks that rank 0 is at work. */
    boolean goesOn() {
        status.working.run();
        return !stopped;
    }
}
