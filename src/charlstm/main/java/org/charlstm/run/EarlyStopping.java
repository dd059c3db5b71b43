package org.charlstm.run;

import java.util.List;
import org.charlstm.base.Refuse;
import org.charlstm.train.Figures;
import org.jspecify.annotations.Nullable;

/**
 * Decides which epoch is the best, and ends a run that no longer improves, as Keras' EarlyStopping with a
 * {@code min_delta} of 0. A run ends after {@code patience} epochs in a row without a better one; with 0, never early.
 * The best epoch has the lowest value of the monitor, one of {@link #MONITORS}; null means {@code val_loss} if there is
 * validation, else {@code loss}. A schedule that depends on losses follows the same monitor.
 */
public record EarlyStopping(int patience, @Nullable String monitor) {
    public static final List<String> MONITORS = List.of(Figures.LOSS, Figures.VAL_LOSS);
    /** Never ends a run early. */
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

    /** Whether the best model is kept. Without validation, this needs a patience or a monitor. */
    boolean keepsBest(TrainingText text) {
        return text.validation() != null || patience > 0 || monitor != null;
    }

    /** Whether a run ends after an epoch, from 1. {@code best} is the best epoch so far; null before the first. */
    public boolean endsAfter(int epoch, Figures.@Nullable Best best) {
        return patience > 0 && best != null && epoch - best.epoch() >= patience;
    }
}
