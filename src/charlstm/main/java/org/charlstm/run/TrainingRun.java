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

/** Trains a model on a text, once; keeps model, figures and sentences in a folder, and notifies listeners. */
public final class TrainingRun {
    private final Model model;
    private final TrainingText text;
    private final Setup setup;
    private final String monitor;
    private final List<RunListener> listeners = new ArrayList<>();
    /** Listeners whose failure has been reported. */
    private final Set<RunListener> failed = new HashSet<>();
    Map<String, @Nullable String> options = Map.of();
    Checkpoints checkpoints = Checkpoints.DEFAULT;
    RunSentences sentences = new RunSentences(0, 3);
    private Collective ranks = Collective.single();
    final RunStatus status = new RunStatus();
    private volatile boolean stopped;

    /** How far a run came. */
    public enum End {
        /** All epochs are whole. */
        WHOLE,
        /** {@link EarlyStopping} ended it before the last epoch. */
        EARLY,
        /** It was stopped after an epoch. */
        AFTER_EPOCH,
        /** It was stopped within an epoch; its steps count, but the epoch has no figures. */
        IN_EPOCH
    }

    /**
     * When a run saves its state, beside its end: after every so many epochs, at least 1, and within an epoch after
     * every so many seconds, 0 for never. So many states before the latest are kept.
     */
    public record Checkpoints(int epochs, long seconds, int keep) {
        public static final Checkpoints DEFAULT = new Checkpoints(1, 0, 0);

        public Checkpoints {
            Refuse.argumentIf(epochs < 1 || seconds < 0 || keep < 0,
                    "checkpoints every " + epochs + " epochs and " + seconds + " seconds, of which " + keep
                            + " are kept");
        }
    }

    /** The seconds of epochs; the first of each process, which warms up, counts for the others only if it is alone. */
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
     * A run that has not begun, of a model that stays open, for example of {@link Setup#weights}, and a text with as
     * many symbols. The setup's layers are ignored: the model has its own. Throws {@link IllegalArgumentException} if
     * the monitor is a validation loss and the text has no validation.
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

    /** Sets the options, as they were given or null, that the description lists in place of the setup. */
    public TrainingRun options(Map<String, @Nullable String> asked) {
        options = asked;
        return this;
    }

    /** Sets when the state is saved from which the run can resume. */
    public TrainingRun checkpoints(Checkpoints when) {
        checkpoints = when;
        return this;
    }

    /**
     * Trains in several processes together, this one included; it does not close them. Each makes a run of the same
     * model, text and setup, and learns from its share of every batch. Rank 0 decides and writes; the others have no
     * folder and do not notify listeners. {@link #stop} ends the run in any of them.
     */
    @SuppressWarnings("exports") // Ranks are the tool's.
    public TrainingRun ranks(Collective all) {
        ranks = all;
        return this;
    }

    /** Lets a request in the run's folder stop it, as the server's page makes one. */
    public TrainingRun stopOnRequest() {
        return add(new StopListener(this::stop, 1000));
    }

    /** The processes that train together. */
    @SuppressWarnings("exports") // Likewise.
    public Collective ranks() {
        return ranks;
    }

    /** The transport of gradients between ranks, for people; empty for one process, and before the run begins. */
    public Optional<String> carrier() {
        return status.carrier;
    }

    /** Writes a listener's own file in the background, after the run's own so far. A failure is a warning. */
    public void write(Runnable file) {
        BackgroundWriter open = status.writer;
        if (open == null) {
            throw new IllegalStateException("a run writes from its beginning to its end");
        }
        open.write(new Pending().optional(file));
    }

    /** Ends training after the current step. May be called at any time, by any thread. */
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

    /** The name of the figure that is lowest in the best epoch; a schedule may go by it too. */
    public String monitor() {
        return monitor;
    }

    /** Whether it keeps its best model. */
    boolean keepsBest() {
        return setup.stopping().keepsBest(text);
    }

    /** The run's folder; empty before it begins. */
    public Optional<Path> folder() {
        return Optional.ofNullable(status.folder).map(RunFolder::path);
    }

    /** Whether it resumes another run; false before it begins. */
    public boolean resumed() {
        return status.resumed;
    }

    /** Whether it resumes a run that was done, and so has nothing to do; false before it begins. */
    public boolean wasDone() {
        return status.wasDone;
    }

    /** The current epoch or the last, from 1; 0 before the first. */
    public int epoch() {
        return status.epoch;
    }

    /** The epoch of the lowest monitored loss; empty where the best model is not kept, and before the first epoch. */
    public Optional<Figures.Best> best() {
        return Optional.ofNullable(status.best);
    }

    /** Whether the folder has the model of the best epoch; not after resuming from a state before that. */
    public boolean bestIsKept() {
        return status.bestIsKept;
    }

    /** The figures of the whole epochs. */
    public List<Figures> figures() {
        return List.copyOf(status.figures);
    }

    /** The times of the epochs; empty before there are any. */
    public Optional<EpochTimes> times() {
        return status.times();
    }

    /** The figures in the test of the best model, or of the last where that is not kept; empty where it was not. */
    public Optional<Figures> tested() {
        return Optional.ofNullable(status.tested);
    }

    /**
     * Trains. Unless the run is stopped, the model then writes sentences, the best model is tested, and the operations
     * of a step are timed for the report. The folder is a fresh one under {@code runs/} if it is null; a run in it is
     * overwritten only by force. Throws {@link IllegalArgumentException} if the warm-up leaves nothing of a cosine, and
     * {@link CharlstmException} if the folder holds a run or cannot be written to, or training diverges; the folder
     * then has the model of the last epoch before.
     */
    public End train(@Nullable Path out, boolean force) {
        setup.training().requireRoom(text.corpus().rows());
        RunAgreement.require(this, null);
        if (ranks.rank() > 0) {
            return RankOrders.follow(this, null);
        }
        // The folder comes last: a run that cannot start leaves none.
        return RunLoop.run(this, () -> new RunFolder(OutFolder.prepare(out, force)), RunLoop::begin);
    }

    /**
     * Resumes the run in a folder from its last state, or from one of the states in it, up to this run's epochs. On the
     * same device the result has the same bits as without the interruption. Only the learning rate and its schedule may
     * change: each epoch then has the rate of a run that began with them, and the description says from which epoch on.
     * Throws {@link CharlstmException} if there is no state, it is of another text or other settings, another process
     * trains into the folder, it cannot be written to, or training diverges.
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

    /** Notifies every listener; the first failure of each is a warning. */
    void tell(Consumer<RunListener> event) {
        for (RunListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (DeviceException e) {
                // A failure of the device is the run's own.
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

    /** Whether it is not stopped; asked repeatedly while rank 0 works alone and the others wait. */
    boolean goesOn() {
        status.working.run();
        return !stopped;
    }
}
