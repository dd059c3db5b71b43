package org.charlstm.run;

import java.util.List;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * What tells which epoch is the best, and when no better one is waited for any longer: as Keras' EarlyStopping with a
 * {@code min_delta} of 0. A run that ends so ends as one that has trained all of its epochs.
 *
 * @param patience epochs one after the other, none of which is better than the best before, that end a run; 0 for never
 * @param monitor  the figure that the lowest is best of, one of {@link #MONITORS}; null for {@code val_loss} where
 *                 there is validation, else {@code loss}. A schedule that goes by losses goes by it, too.
 */
public record EarlyStopping(int patience, @Nullable String monitor) {
    /** All epochs are trained. */
    public static final EarlyStopping NEVER = new EarlyStopping(0, null);
    /** What there is to go by. */
    public static final List<String> MONITORS = List.of(Figures.LOSS, Figures.VAL_LOSS);

    /** Refuses less than no patience, and what no epoch has. */
    public EarlyStopping {
        if (patience < 0) {
            throw new IllegalArgumentException("the patience is " + patience + " epochs; it must be at least 0");
        }
        if (monitor != null && !MONITORS.contains(monitor)) {
            throw new IllegalArgumentException("the monitor is '" + monitor + "'; there are "
                    + String.join(", ", MONITORS));
        }
    }

    /** The figure that a run goes by. */
    String monitored(TrainingText text) {
        if (monitor == null) {
            return text.validation() == null ? Figures.LOSS : Figures.VAL_LOSS;
        }
        if (monitor.equals(Figures.VAL_LOSS) && text.validation() == null) {
            throw new IllegalArgumentException("the monitor is " + monitor + ", but there is no validation");
        }
        return monitor;
    }

    /** Whether the best model is kept: of a training loss only where that was asked for. */
    boolean keepsBest(TrainingText text) {
        return text.validation() != null || patience > 0 || monitor != null;
    }

    /**
     * Whether a run ends after an epoch, whatever epochs it has left.
     *
     * @param epoch from 1
     * @param best  the best until then, or null before the first
     * @return whether that is as long ago as the patience
     */
    public boolean endsAfter(int epoch, RunState.@Nullable Best best) {
        return patience > 0 && best != null && epoch - best.epoch() >= patience;
    }
}
