package org.charlstm.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.DeviceException;
import org.charlstm.nn.Model;
import org.charlstm.rank.Collective;
import org.charlstm.train.Figures;
import org.charlstm.train.Trainer;
import org.jspecify.annotations.Nullable;

/**
 * A training run: it trains a model on a text, keeps the model, figures and sentences in a folder as it goes on, and
 * tells its listeners. A run trains once.
 */
public final class TrainingRun {
    private final Model model;
    private final TrainingText text;
    private final Setup setup;
    private final String monitor;
    private final List<RunListener> listeners = new ArrayList<>();
    /** Listeners whose failure has been told. */
    private final Set<RunListener> failed = new HashSet<>();
    private Map<String, @Nullable String> options = Map.of();
    private Checkpoints checkpoints = Checkpoints.DEFAULT;
    private RunSentences sentences = new RunSentences(0, 3);
    private Collective ranks = Collective.single();
    /** Null before the run begins, as the next. */
    private @Nullable RunLoop loop;
    private @Nullable Saver saver;
    private volatile boolean stopped;
    /** What tells other ranks that this one is at work. */
    private Runnable working = () -> {};

    /** How far a run came. */
    public enum End {
        /** All epochs are whole. */
        WHOLE,
        /** It ended by itself before the last, as {@link EarlyStopping} has it. */
        EARLY,
        /** It was stopped after an epoch. */
        AFTER_EPOCH,
        /** It was stopped in the midst of an epoch; the steps until then count, but the epoch has no figures. */
        IN_EPOCH
    }

    /**
     * A run that has not begun.
     *
     * @param model what is trained, for example one of {@link Setup#weights}; it stays open
     * @param text  what it learns, with as many symbols as the model
     * @param setup how it is trained; the sizes are the model's own
     * @throws IllegalArgumentException if it is to go by a validation that the text has not
     */
    public TrainingRun(Model model, TrainingText text, Setup setup) {
        this.model = model;
        this.text = text;
        this.setup = setup;
        monitor = setup.stopping().monitored(text);
    }

    /** Adds a listener; they are told in the order in which they were added. */
    public TrainingRun add(RunListener listener) {
        listeners.add(listener);
        return this;
    }

    /**
     * Sets when the model writes sentences, which are kept in the folder: always from the same seed, so that they show
     * what it has learned rather than its luck.
     *
     * @param epochs  after every so many; 0 for the last alone, as is the default
     * @param howMany at least 1
     */
    public TrainingRun sentences(int epochs, int howMany) {
        sentences = new RunSentences(epochs, howMany);
        return this;
    }

    /**
     * Sets what the description says that was asked for, in place of the setup.
     *
     * @param asked names and values as they were given, null for what was not
     */
    public TrainingRun options(Map<String, @Nullable String> asked) {
        options = asked;
        return this;
    }

    /**
     * Sets when the state is saved from which the run can go on.
     *
     * @param when after how many epochs or seconds
     */
    public TrainingRun checkpoints(Checkpoints when) {
        checkpoints = when;
        return this;
    }

    /**
     * Has several processes train together, each of which makes such a run of the same model, text and setup: each
     * learns from its share of every batch. What is decided, written and told is rank 0's; the others have no folder
     * and tell their listeners nothing. {@link #stop} ends it in any of them.
     *
     * @param all this process among them; it stays open
     */
    public TrainingRun ranks(Collective all) {
        ranks = all;
        return this;
    }

    /** The processes that train together. */
    public Collective ranks() {
        return ranks;
    }

    /**
     * What carries sums of gradients between ranks.
     *
     * @return for people; empty for a process by itself, and before the run begins
     */
    public Optional<String> carrier() {
        return loop == null ? Optional.empty() : loop.carrier();
    }

    /**
     * Has a listener's own file written as the run's are, so that no step waits for the disk. Called by listeners as
     * they are told of something.
     *
     * @param what writes; on another thread, after all that the run has learned so far; if it fails, that is a warning
     * @throws IllegalStateException if the run has not begun, or is over
     */
    public void write(Runnable what) {
        Saver open = saver;
        if (open == null) {
            throw new IllegalStateException("a run writes from its beginning to its end");
        }
        open.hand(new Save(epoch()).other(what));
    }

    /** Has training end after the step that is under way. May be called at any time, by any thread. */
    public void stop() {
        stopped = true;
    }

    /**
     * What is trained.
     *
     * @return the model as it is
     */
    public Model model() {
        return model;
    }

    /** What is learned. */
    public TrainingText text() {
        return text;
    }

    /** How it is trained. */
    public Setup setup() {
        return setup;
    }

    /**
     * What the best epoch has the lowest of, and a schedule may go by.
     *
     * @return the name of one of an epoch's figures
     */
    public String monitor() {
        return monitor;
    }

    /**
     * Where the run is kept.
     *
     * @return its folder, or null before it begins
     */
    public @Nullable RunFolder folder() {
        return loop == null ? null : loop.folder();
    }

    /**
     * Whether it goes on with another run.
     *
     * @return false before it begins
     */
    public boolean resumed() {
        return loop != null && loop.resumed();
    }

    /**
     * Whether it goes on with a run that was done: then it trains, measures and writes nothing.
     *
     * @return false before it begins
     */
    public boolean wasDone() {
        return loop != null && loop.wasDone();
    }

    /**
     * The epoch that is under way, or was the last.
     *
     * @return from 1, or 0 before the first
     */
    public int epoch() {
        return loop == null ? 0 : loop.epoch();
    }

    /**
     * The epoch of the lowest loss, that of validation where there is one, whose model is kept.
     *
     * @return empty where none is kept, or before the first epoch is whole
     */
    public Optional<RunState.Best> best() {
        return loop == null ? Optional.empty() : loop.best().best();
    }

    /**
     * Whether the model of the best epoch is in the folder. After going back to a state before a better epoch it is
     * not, until an epoch is better than the best of that state.
     *
     * @return false where there is no best, too
     */
    public boolean bestIsKept() {
        return loop != null && loop.best().isKept();
    }

    /** What the epochs gave that are whole. */
    public List<Figures> figures() {
        return loop == null ? List.of() : loop.figures();
    }

    /**
     * What the best model, or the last where that is not kept, gave on the text that is for the test.
     *
     * @return the figures of its epoch; empty before the end of a run that nothing stops, and where there is no test
     */
    public Optional<Figures> tested() {
        return loop == null ? Optional.empty() : loop.tested();
    }

    /**
     * Trains. If nothing stops it, the model then writes sentences, unless it just has, the best one is held against
     * the text that is for the test, and the operations of a step are timed for the report.
     *
     * @param out   the run's folder, or null for a fresh one under {@code runs/}
     * @param force whether a run that is there may be overwritten
     * @throws IllegalArgumentException if the warm-up leaves nothing of a cosine
     * @throws CharlstmException        if the folder holds a run or cannot be written to, or training diverges; the
     *                                  folder then has the model of the last epoch before
     */
    public End train(@Nullable Path out, boolean force) {
        setup.training().requireRoom(text.corpus().rows());
        RankAgreement.require(this, null);
        if (ranks.rank() > 0) {
            return FollowingRun.follow(this, null);
        }
        // Last, so that a run that cannot start leaves no folder.
        return train(() -> new RunFolder(OutFolder.prepare(out, force)), RunLoop::begin);
    }

    /**
     * Goes on where another run was, as if nothing had stopped that one: up to this run's epochs, from the last state
     * that is in the folder. On the same device all that follows is the same to the bit. Only the rate and its schedule
     * may be others: each epoch then has the rate that it would have if the run had begun so, and the description says
     * from which epoch on.
     *
     * @param run that one's folder, or one of the states in it
     * @throws CharlstmException if there is no state, it is of another text or other settings than this run's, another
     *                           process trains into the folder, it cannot be written to, or training diverges
     */
    public End resume(Path run) {
        Path state = StateFile.settled(run);
        if (ranks.size() > 1) {
            RunState read = StateFile.load(state);
            RankAgreement.require(this, read);
            if (ranks.rank() > 0) {
                return FollowingRun.follow(this, read);
            }
        }
        Path home =
                Files.isDirectory(state) ? state : Objects.requireNonNull(state.getParent(), "a state lies somewhere");
        return train(() -> new RunFolder(new OutFolder(home, false)), begun -> begun.resume(StateFile.load(state),
                Files.isDirectory(state) ? state.resolve(StateFile.NAME) : state));
    }

    @SuppressWarnings("try") // The trainer is closed early, so that its memory serves what is left to do.
    private End train(Supplier<RunFolder> prepared, Consumer<RunLoop> start) {
        if (loop != null) {
            throw new IllegalStateException("a run trains once");
        }
        End end;
        RankOrders orders = new RankOrders(ranks);
        try (Trainer trainer = new Trainer(model, text.corpus(), setup.training(), ranks);
                RunFolder folder = prepared.get();
                Saver files = new Saver(folder, this::warn)) {
            RunLoop begun = new RunLoop(this, trainer, folder, files, sentences, checkpoints, orders);
            saver = files;
            loop = begun;
            working = orders::keepWaiting;
            start.accept(begun);
            orders.give(RankOrders.Order.BEGIN);
            end = begun.train();
            if ((end == End.WHOLE || end == End.EARLY) && begun.epoch() > 0 && !begun.wasDone()) {
                orders.give(RankOrders.Order.TRAINED);
                trainer.close();
                if (stopped) {
                    begun.leaveOut();
                } else {
                    begun.finish();
                }
            }
            begun.end();
            orders.give(RankOrders.Order.END, List.of(End.values()).indexOf(end));
        } finally {
            saver = null;
        }
        return end;
    }

    /** Tells every listener; what one fails with is a warning, once, and does not end the run. */
    void tell(Consumer<RunListener> event) {
        for (RunListener listener : listeners) {
            try {
                event.accept(listener);
            } catch (DeviceException e) {
                // What a listener asked of the device failed there: that is the run's own failure.
                throw e;
            } catch (RuntimeException e) {
                if (failed.add(listener)) {
                    warn(e instanceof CharlstmException known ? known.getMessage() : e.toString());
                }
            }
        }
    }

    /** Passes on a warning. */
    void warn(String warning) {
        tell(listener -> listener.warning(warning));
    }

    boolean isStopped() {
        return stopped;
    }

    /** The same, asked again and again by what rank 0 does alone while the others wait. */
    boolean goesOn() {
        working.run();
        return !stopped;
    }

    Map<String, @Nullable String> options() {
        return options;
    }
}
