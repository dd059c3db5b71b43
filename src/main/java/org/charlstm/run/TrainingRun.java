package org.charlstm.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.nn.Weights;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Corpus;
import org.charlstm.train.DivergenceException;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingState;
import org.jspecify.annotations.Nullable;

/**
 * A training run: it trains a model on a text, keeps the model, figures and sentences in a folder as it goes on, and
 * tells its listeners. A run trains once.
 */
public final class TrainingRun {
    /** Where captions are longer, the beginning shows what was learned. */
    private static final int MAX_LENGTH = 400;
    /** Of running text, a few lines that go on from a few words. */
    private static final int RUNNING_LENGTH = 200;
    private static final int PRIME_LENGTH = 20;

    private final Model model;
    private final TrainingText text;
    private final Setup setup;
    private final List<RunListener> listeners = new ArrayList<>();
    private final List<Figures> figures = new ArrayList<>();
    private final String digest;
    private Map<String, @Nullable String> options = Map.of();
    private Checkpoints checkpoints = Checkpoints.DEFAULT;
    private int every;
    private int count = 3;
    private @Nullable RunFolder folder;
    /** The epoch that is under way, or was the last. */
    private int epoch;
    /** The model of the last whole epoch. */
    private @Nullable SavedModel last;
    private RunState.@Nullable Best best;
    /** Whether all steps of the epoch to come were taken before the run was resumed, but it has no figures. */
    private boolean trained;
    private boolean resumed;
    private int sampled;
    private int warned;
    private volatile boolean stopped;

    /** How far a run came. */
    public enum End {
        /** All epochs are whole. */
        WHOLE,
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
     */
    public TrainingRun(Model model, TrainingText text, Setup setup) {
        this.model = model;
        this.text = text;
        this.setup = setup;
        digest = text.digest();
    }

    /**
     * Adds a listener; they are told in the order in which they were added.
     *
     * @param listener follows the run
     * @return this run
     */
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
     * @return this run
     */
    public TrainingRun sentences(int epochs, int howMany) {
        every = epochs;
        count = howMany;
        return this;
    }

    /**
     * Sets what the description says that was asked for, in place of the setup.
     *
     * @param asked names and values as they were given, null for what was not
     * @return this run
     */
    public TrainingRun options(Map<String, @Nullable String> asked) {
        options = asked;
        return this;
    }

    /**
     * Sets when the state is saved from which the run can go on.
     *
     * @param when after how many epochs or seconds
     * @return this run
     */
    public TrainingRun checkpoints(Checkpoints when) {
        checkpoints = when;
        return this;
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

    /**
     * What is learned.
     *
     * @return the text
     */
    public TrainingText text() {
        return text;
    }

    /**
     * How it is trained.
     *
     * @return the hyperparameters
     */
    public Setup setup() {
        return setup;
    }

    /**
     * Where the run is kept.
     *
     * @return its folder, or null before it begins
     */
    public @Nullable RunFolder folder() {
        return folder;
    }

    /**
     * Whether it goes on with another run.
     *
     * @return false before it begins
     */
    public boolean resumed() {
        return resumed;
    }

    /**
     * The epoch that is under way, or was the last.
     *
     * @return from 1, or 0 before the first
     */
    public int epoch() {
        return epoch;
    }

    /**
     * The epoch of the lowest validation loss, whose model is kept.
     *
     * @return empty where there is no validation, or before the first epoch is whole
     */
    public Optional<RunState.Best> best() {
        return Optional.ofNullable(best);
    }

    /**
     * What the epochs gave that are whole.
     *
     * @return their figures
     */
    public List<Figures> figures() {
        return List.copyOf(figures);
    }

    /**
     * Trains. If nothing stops it, the model then writes sentences, unless it just has, and the operations of a step
     * are timed for the report.
     *
     * @param out   the run's folder, or null for a fresh one under {@code runs/}
     * @param force whether a run that is there may be overwritten
     * @return how far it came
     * @throws CharlstmException if the folder holds a run or cannot be written to, or training diverges; the folder
     *                           then has the model of the last epoch before
     */
    public End train(@Nullable Path out, boolean force) {
        requireNew();
        // Last, so that a run that cannot start leaves no folder.
        return train(() -> new RunFolder(OutFolder.prepare(out, force)), (trainer, into, description) -> {
            into.begin(saved(), description.json());
            last = saved();
        });
    }

    /**
     * Goes on where another run was, as if nothing had stopped that one: up to this run's epochs, from the last state
     * that is in the folder. On the same device all that follows is the same to the bit.
     *
     * @param run that one's folder, or one of the states in it
     * @return how far it came
     * @throws CharlstmException if there is no state, it is of another text or other settings than this run's, another
     *                           process trains into the folder, it cannot be written to, or training diverges
     */
    public End resume(Path run) {
        requireNew();
        Path home = Files.isDirectory(run) ? run : Objects.requireNonNullElse(run.getParent(), Path.of(""));
        return train(() -> new RunFolder(new OutFolder(home, false)), (trainer, into, description) -> {
            resumed = true;
            RunState state = StateFile.load(run);
            state.requireSame(setup.training(), text);
            trainer.restore(state.training());
            best = state.best();
            last = state.model();
            figures.addAll(into.cut(state.training().epoch()));
            int reached = state.training().epoch();
            boolean whole = reached == 0 || (!figures.isEmpty() && figures.getLast().epoch() == reached);
            epoch = whole ? reached : reached - 1;
            trained = !whole && state.training().rows() == text.corpus().rows();
            sampled = into.sampledUntil();
            description.resume(into.description());
            into.describe(description.json());
        });
    }

    private void requireNew() {
        if (folder != null) {
            throw new IllegalStateException("a run trains once");
        }
    }

    /** What a run does in its folder before it trains. */
    private interface Start {
        void begin(Trainer trainer, RunFolder into, RunDescription description);
    }

    private End train(Supplier<RunFolder> prepared, Start start) {
        End end;
        try (Trainer trainer = new Trainer(model, text.corpus(), setup.training());
                RunFolder into = prepared.get()) {
            folder = into;
            RunDescription description = new RunDescription(this, options);
            start.begin(trainer, into, description);
            tell(listener -> listener.begin(this));
            warn();
            try {
                end = epochs(trainer, into, description);
            } catch (DivergenceException e) {
                throw diverged(into, e);
            }
            into.describe(description.json());
            tell(listener -> listener.trained(end));
            if (end == End.WHOLE && !stopped && epoch > 0) {
                finish(trainer, into, description);
            }
            tell(RunListener::end);
        }
        return end;
    }

    private void finish(Trainer trainer, RunFolder into, RunDescription description) {
        // The trainer's memory is free again.
        trainer.close();
        if (sampled < epoch) {
            sample(into);
        }
        List<OperationTime> times = OperationTime.ofStep(model.device(), model.weights(), text.corpus(),
                setup.training().batchSize());
        description.operations(times);
        into.describe(description.json());
        tell(listener -> listener.operations(times));
    }

    private End epochs(Trainer trainer, RunFolder into, RunDescription description) {
        // What a resumed run was stopped in the midst of.
        sampleIfDue(into);
        while (epoch < setup.epochs()) {
            epoch++;
            tell(listener -> listener.epoch(epoch));
            Figures learned = steps(trainer, into);
            warn();
            description.takeChoices();
            SavedModel saved = saved();
            requireFinite(saved.weights());
            into.save(saved);
            Figures whole = learned == null ? null : validated(learned);
            if (whole == null) {
                save(trainer, into);
                return End.IN_EPOCH;
            }
            last = saved;
            figures.add(whole);
            into.add(whole);
            keepBest(into, whole, saved);
            if (epoch % checkpoints.epochs() == 0 || epoch == setup.epochs() || stopped) {
                save(trainer, into);
            }
            tell(listener -> listener.figures(whole));
            sampleIfDue(into);
            if (stopped && epoch < setup.epochs()) {
                return End.AFTER_EPOCH;
            }
        }
        return End.WHOLE;
    }

    /** The steps of an epoch, or those that are left of it; null if they were stopped. */
    private @Nullable Figures steps(Trainer trainer, RunFolder into) {
        if (trained) {
            trained = false;
            return trainer.figures();
        }
        while (true) {
            long begin = System.nanoTime();
            long limit = checkpoints.seconds() == 0 ? Long.MAX_VALUE : checkpoints.seconds() * 1_000_000_000;
            Figures whole = trainer.epoch((done, total, progress) -> {
                tell(listener -> listener.step(done, total, progress));
                return !stopped && System.nanoTime() - begin < limit;
            });
            if (whole != null || stopped) {
                return whole;
            }
            save(trainer, into);
        }
    }

    private void save(Trainer trainer, RunFolder into) {
        TrainingState state = trainer.state();
        requireFinite(state.weights());
        into.save(new RunState(saved(), state, RunState.settings(setup.training()), digest, options, best),
                checkpoints.keep());
    }

    private void requireFinite(Weights weights) {
        try {
            weights.requireFinite("epoch " + epoch + ", not saved");
        } catch (CharlstmException e) {
            throw new DivergenceException(e.getMessage(), 1);
        }
    }

    private void keepBest(RunFolder into, Figures whole, SavedModel saved) {
        if (text.validation() != null) {
            double loss = whole.get(Figures.VAL_LOSS);
            if (best == null || loss < best.loss()) {
                into.saveBest(saved);
                best = new RunState.Best(epoch, loss);
            }
        }
    }

    /** Keeps the last model before, under a name that says so. */
    private DivergenceException diverged(RunFolder into, DivergenceException e) {
        SavedModel before = Objects.requireNonNull(last, "the run has begun");
        into.saveBeforeDivergence(before);
        int whole = figures.isEmpty() ? 0 : figures.getLast().epoch();
        return new DivergenceException(e.what() + "; the weights "
                + (whole == 0 ? "that it began with" : "of epoch " + whole) + " are in "
                + into.path().resolve(RunFolder.BEFORE_DIVERGENCE), e.clipNorm());
    }

    private void tell(Consumer<RunListener> event) {
        listeners.forEach(event);
    }

    /** Passes on the warnings that came up since the last time. */
    private void warn() {
        List<String> warnings = model.device().warnings();
        warnings.stream().skip(warned).forEach(warning -> tell(listener -> listener.warning(warning)));
        warned = warnings.size();
    }

    /** Null if that was stopped. */
    private @Nullable Figures validated(Figures learned) {
        if (text.validation() == null) {
            return learned;
        }
        Optional<Evaluation> evaluation = Evaluation.of(model, text.validation(), setup.training().batchSize(),
                () -> !stopped);
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

    private void sampleIfDue(RunFolder into) {
        if (every > 0 && epoch % every == 0 && sampled < epoch) {
            sample(into);
        }
    }

    private void sample(RunFolder into) {
        new Sampler(model, text.vocabulary(), sampling()).sentences(count, () -> !stopped).ifPresent(sentences -> {
            into.add(epoch, sentences);
            sampled = epoch;
            tell(listener -> listener.sentences(epoch, sentences));
        });
    }

    private SamplingOptions sampling() {
        Corpus corpus = text.corpus();
        long seed = setup.training().seed();
        if (text.vocabulary().hasMarkers()) {
            return SamplingOptions.plain(seed, Math.min(corpus.steps(), MAX_LENGTH));
        }
        // Running text has no symbol to start from, nor an end: it goes on from the beginning of the text.
        String prime = Arrays.stream(corpus.input(0)).limit(PRIME_LENGTH).mapToObj(text.vocabulary()::text)
                .collect(Collectors.joining());
        return new SamplingOptions(1, seed, RUNNING_LENGTH, prime, false, false);
    }

    private SavedModel saved() {
        return new SavedModel(model.config(), text.corpus().steps(), text.vocabulary(), model.weights());
    }
}
