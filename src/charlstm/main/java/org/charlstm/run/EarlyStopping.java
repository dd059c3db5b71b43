package org.charlstm.run;

import java.util.List;
import org.charlstm.base.Refuse;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * Which epoch is the best, and when a run ends because no better one comes: as Keras' EarlyStopping with a {@code
 * min_delta} of 0. As many epochs as the patience in a row without a better one end a run; 0 is for never. The best has
 * the lowest value of the monitor, one of {@link #MONITORS}; null is for {@code val_loss} where there is validation,
 * else {@code loss}. A schedule that follows losses uses it too.
 */
public record EarlyStopping(int patience, @Nullable String monitor) {
    public static final List<String> MONITORS = List.of(Figures.LOSS, Figures.VAL_LOSS);
    /** All epochs are trained. */
    public static final EarlyStopping NEVER = new EarlyStopping(0, null);

    public EarlyStopping {
        Refuse.argumentIf(patience < 0, "the patience is " + patience + " epochs; it must be at least 0");
        Refuse.argumentIf(monitor != null && !MONITORS.contains(monitor),
                "the monitor is '" + monitor + "'; there are " + String.join(", ", MONITORS));
    }

    String monitored(TrainingText text) {
        if (monitor == null) {
            return text.validation() == null ? Figures.LOSS : Figures.VAL_LOSS;
        }
        Refuse.argumentIf(monitor.equals(Figures.VAL_LOSS) && text.validation() == null,
                "the monitor is " + monitor + ", but there is no validation");
        return monitor;
    }

    /** Whether the best model is kept: by a training loss only if a patience or monitor was given. */
    boolean keepsBest(TrainingText text) {
        return text.validation() != null || patience > 0 || monitor != null;
    }

    /** Whether a run ends after an epoch, from 1; the best until then is null before the first. */
    public boolean endsAfter(int epoch, Figures.@Nullable Best best) {
        return patience > 0 && best != null && epoch - best.epoch() >= patience;
    }
}
