package org.charlstm.run;

import java.util.List;
import org.charlstm.base.Refuse;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * Which epoch is the best, and when a run ends because no better one comes: as Keras' EarlyStopping with a {@code
 * min_delta} of 0. A run that ends early ends as one that has trained all its epochs.
 *
 * @param patience epochs in a row without a better one that end a run; 0 for never
 * @param monitor  the figure whose lowest value is the best, one of {@link #MONITORS}; null for {@code val_loss} where
 *                 there is validation, else {@code loss}. A schedule that follows losses uses it too.
 */
public record EarlyStopping(int patience, @Nullable String monitor) {
    /** All epochs are trained. */
    public static final EarlyStopping NEVER = new EarlyStopping(0, null);
    public static final List<String> MONITORS = List.of(Figures.LOSS, Figures.VAL_LOSS);

    public EarlyStopping {
        Refuse.argumentIf(patience < 0, "the patience is " + patience + " epochs; it must be at least 0");
        if (monitor != null && !MONITORS.contains(monitor)) {
            throw new IllegalArgumentException("the monitor is '" + monitor + "'; there are "
                    + String.join(", ", MONITORS));
        }
    }

    String monitored(TrainingText text) {
        if (monitor == null) {
            return text.validation() == null ? Figures.LOSS : Figures.VAL_LOSS;
        }
        if (monitor.equals(Figures.VAL_LOSS) && text.validation() == null) {
            throw new IllegalArgumentException("the monitor is " + monitor + ", but there is no validation");
        }
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
