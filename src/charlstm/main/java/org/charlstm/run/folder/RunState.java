package org.charlstm.run.folder;

import module java.base;
import org.charlstm.base.UntrustedJson;
import org.charlstm.io.SavedModel;
import org.charlstm.train.Figures;
import org.charlstm.train.TrainingOptions;
import org.charlstm.train.TrainingState;
import org.jspecify.annotations.Nullable;

/**
 * The state from which a run can resume.
 *
 * @param whole    whether the current epoch is complete: validated, with its figures in the run's folder
 * @param settings by name, all settings on which the result depends besides the text
 * @param best     the epoch of the lowest loss; null if the best model is not kept
 */
public record RunState(SavedModel model, TrainingState training, boolean whole, Map<String, String> settings,
        String text, Map<String, @Nullable String> options, Figures.@Nullable Best best) {
    /** Copies the maps. */
    public RunState {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** The settings of a training by name, for comparison. */
    public static Map<String, String> settings(TrainingOptions options) {
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
    public static final Set<String> RATE = Set.of("learning_rate", "schedule", "warm_up");

    /** Of the given settings, the settings of the learning rate. */
    public static Map<String, String> rate(Map<String, String> settings) {
        Map<String, String> rate = new LinkedHashMap<>(settings);
        rate.keySet().retainAll(RATE);
        return rate;
    }

    /** Whether a run resumes with another learning rate or schedule. */
    public boolean isAtAnotherRate(TrainingOptions options) {
        return !rate(settings).equals(rate(settings(options)));
    }

    /** Refuses a best epoch, read from a file, that no run can have. */
    static void requireBest(Figures.Best best) {
        UntrustedJson.require(best.epoch() >= 1, "its epoch is " + best.epoch());
        UntrustedJson.require(Figures.LOSS.equals(best.monitor()) || Figures.VAL_LOSS.equals(best.monitor()),
                "its monitor is " + (best.monitor() == null ? "missing" : "'" + best.monitor() + "'"));
    }
}
