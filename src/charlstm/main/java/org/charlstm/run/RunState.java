package org.charlstm.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.charlstm.CharlstmException;
import org.charlstm.io.SavedModel;
import org.charlstm.io.UntrustedJson;
import org.charlstm.message.Setting;
import org.charlstm.train.EpochSize;
import org.charlstm.train.Figures;
import org.charlstm.train.Schedule;
import org.charlstm.train.TrainingOptions;
import org.charlstm.train.TrainingState;
import org.jspecify.annotations.Nullable;

/**
 * The state from which a run can resume.
 *
 * @param model    with its vocabulary
 * @param whole    whether the current epoch is whole: validated, with its figures in the run's folder
 * @param settings all that the result depends on beside the text, by name
 * @param text     a digest of the texts
 * @param options  the options as they were given
 * @param best     the epoch of the lowest loss, or null where the best model is not kept
 */
public record RunState(SavedModel model, TrainingState training, boolean whole, Map<String, String> settings,
        String text, Map<String, @Nullable String> options, @Nullable Best best) {
    /**
     * The best model so far.
     *
     * @param epoch   from 1
     * @param monitor the figure that is the lowest there, {@code val_loss} for example
     * @param loss    in nats a time step
     */
    public record Best(int epoch, String monitor, double loss) {
        /** Refuses one of a file that no run has. */
        void require() {
            UntrustedJson.require(epoch >= 1, "its epoch is " + epoch);
            UntrustedJson.require(Figures.LOSS.equals(monitor) || Figures.VAL_LOSS.equals(monitor),
                    "its monitor is " + (monitor == null ? "missing" : "'" + monitor + "'"));
        }

        /** The monitor in words. */
        public String title() {
            return monitor.equals(Figures.VAL_LOSS) ? "validation loss" : "training loss";
        }
    }

    /** Copies what could change. */
    public RunState {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** The settings of a training by name, for comparison. */
    static Map<String, String> settings(TrainingOptions options) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("batch_size", Integer.toString(options.batchSize()));
        settings.put("accumulate", Integer.toString(options.accumulate()));
        settings.put("padding", options.padding().toString());
        settings.put("learning_rate", Double.toString(options.learningRate()));
        settings.put("schedule", options.schedule().toString());
        settings.put("warm_up", Integer.toString(options.warmUp()));
        settings.put("update_rule", options.rule().toString());
        settings.put("clip_norm", Double.toString(options.clipNorm()));
        settings.put("clip_value", Double.toString(options.clipValue()));
        settings.put("seed", Long.toString(options.seed()));
        settings.put("streams", Boolean.toString(options.streams()));
        settings.put("shuffle", Boolean.toString(options.shuffle()));
        return settings;
    }

    /** Settings that a resumed run may change. */
    private static final Set<String> RATE = Set.of("learning_rate", "schedule", "warm_up");

    /** The settings of the learning rate among these. */
    static Map<String, String> rate(Map<String, String> settings) {
        Map<String, String> rate = new LinkedHashMap<>(settings);
        rate.keySet().retainAll(RATE);
        return rate;
    }

    /** Whether a run resumes with another learning rate or schedule. */
    boolean isAtAnotherRate(TrainingRun run) {
        return !rate(settings).equals(rate(settings(run.setup().training())));
    }

    /**
     * Refuses a run with another text, model or setting, except for the learning rate, and a state that is not between
     * two updates.
     */
    void requireSame(TrainingRun run) {
        TrainingOptions asked = run.setup().training();
        TrainingText learned = run.text();
        settings(asked).forEach((name, value) -> {
            String before = settings.get(name);
            if (!value.equals(before) && !RATE.contains(name)) {
                throw new CharlstmException("the run's " + name.replace('_', ' ') + " is " + before + ", not " + value
                        + "; it can only go on with its own, but another run can start from its weights")
                        .mendedBy(Setting.INITIAL_MODEL);
            }
        });
        if (!text.equals(learned.digest())) {
            throw new CharlstmException("the run learned another text than " + learned.captions().source()
                    + " is now" + (learned.validation() == null ? "" : ", or was validated on another than "
                            + learned.validationSource())
                    + "; it can only go on with its own");
        }
        String monitor = run.keepsBest() ? run.monitor() : "none";
        if (best != null && !best.monitor().equals(monitor)) {
            throw new CharlstmException("the run's best is by " + best.monitor() + ", not by " + monitor
                    + "; it can only go on with its own monitor");
        }
        if (!model.config().equals(run.model().config())) {
            throw new CharlstmException("the run's model has other layers than this one; it can only go on with its "
                    + "own");
        }
        int rows = EpochSize.rows(learned.corpus(), asked);
        if (!EpochSize.isBetweenUpdates(learned.corpus(), asked, training.epoch(), training.rows())
                || (whole && training.epoch() > 0 && training.rows() < rows)
                || (asked.streams() && training.epoch() > 0 && training.rows() < rows && training.carried().isEmpty())
                || !training.states().keySet().equals(Set.copyOf(asked.rule().states()))) {
            throw new CharlstmException("the run's state is damaged: it is after row " + training.rows() + " of "
                    + rows + " and has the optimiser's " + training.states().keySet()
                    + "; go on from another of its states");
        }
    }

    /**
     * A model and state at one point of a run. They are made from a copy of the device's memory on first use, which is
     * on the writing thread: training does not wait for it.
     */
    static final class Snapshot {
        private final TrainingRun run;
        private @Nullable Supplier<TrainingState> copy;
        private @Nullable TrainingState training;
        private @Nullable SavedModel model;

        /** Takes a copy between two steps, from {@link org.charlstm.train.Trainer#copyState}. */
        Snapshot(TrainingRun run, Supplier<TrainingState> copy) {
            this.run = run;
            this.copy = copy;
        }

        private synchronized TrainingState training() {
            TrainingState made = training;
            if (made == null && copy != null) {
                made = copy.get();
                training = made;
                copy = null;
            }
            return Objects.requireNonNull(made, "made of the copy");
        }

        synchronized SavedModel model() {
            SavedModel made = model;
            if (made == null) {
                made = new SavedModel(run.model().config(), run.text().corpus().steps(), run.text().vocabulary(),
                        training().weights(), TextLayout.of(run.setup().training(), run.text().captions()).words());
                model = made;
            }
            return made;
        }

        /** The state, with the schedule's position, which may have changed since the copy. */
        RunState state(boolean whole, String digest, @Nullable Best best, Schedule.Course course) {
            return new RunState(model(), training().course(course), whole, settings(run.setup().training()),
                    digest, run.options(), best);
        }
    }
}
