package org.charlstm.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.nn.Model;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Corpus;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Figures;
import org.charlstm.train.OperationTime;
import org.charlstm.train.Trainer;
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
    private Map<String, @Nullable String> options = Map.of();
    private int every;
    private int count = 3;
    private @Nullable RunFolder folder;
    private int epoch;
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
     * The epoch that is under way, or was the last.
     *
     * @return from 1, or 0 before the first
     */
    public int epoch() {
        return epoch;
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
        if (folder != null) {
            throw new IllegalStateException("a run trains once");
        }
        RunFolder into;
        RunDescription description;
        End end;
        try (Trainer trainer = new Trainer(model, text.corpus(), setup.training())) {
            // Last, so that a run that cannot start leaves no folder.
            into = RunFolder.prepare(out, force);
            folder = into;
            description = new RunDescription(this, options);
            into.begin(saved(), description.json());
            tell(listener -> listener.begin(this));
            warn();
            end = train(trainer, into, description);
            into.describe(description.json());
            tell(listener -> listener.trained(end));
        }
        // The trainer's memory is free again.
        if (end == End.WHOLE && !stopped && epoch > 0) {
            if (sampled < epoch) {
                sample(into);
            }
            List<OperationTime> times = OperationTime.ofStep(model.device(), model.weights(), text.corpus(),
                    setup.training().batchSize());
            description.operations(times);
            into.describe(description.json());
            tell(listener -> listener.operations(times));
        }
        tell(RunListener::end);
        return end;
    }

    private End train(Trainer trainer, RunFolder into, RunDescription description) {
        while (epoch < setup.epochs()) {
            epoch++;
            tell(listener -> listener.epoch(epoch));
            Figures trained = trainer.epoch((done, total, progress) -> {
                tell(listener -> listener.step(done, total, progress));
                return !stopped;
            });
            warn();
            description.takeChoices();
            SavedModel saved = saved();
            saved.weights().requireFinite("epoch " + epoch + ", not saved");
            into.save(saved);
            if (trained == null) {
                return End.IN_EPOCH;
            }
            Figures whole = validated(trained);
            figures.add(whole);
            into.add(whole);
            tell(listener -> listener.figures(whole));
            if (every > 0 && epoch % every == 0) {
                sample(into);
            }
            if (stopped && epoch < setup.epochs()) {
                return End.AFTER_EPOCH;
            }
        }
        return End.WHOLE;
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

    private Figures validated(Figures trained) {
        if (text.validation() == null) {
            return trained;
        }
        Evaluation evaluation = Evaluation.of(model, text.validation(), setup.training().batchSize());
        if (!Double.isFinite(evaluation.loss())) {
            throw new CharlstmException("training diverged: the validation loss of epoch " + epoch + " is "
                    + evaluation.loss() + "; try a lower --learning-rate");
        }
        return trained.with(Figures.VAL_LOSS, evaluation.loss());
    }

    private void sample(RunFolder into) {
        List<String> sentences = new Sampler(model, text.vocabulary(), sampling()).sentences(count);
        into.add(epoch, sentences);
        sampled = epoch;
        tell(listener -> listener.sentences(epoch, sentences));
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
