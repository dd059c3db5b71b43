package org.charlstm.run;

import java.util.List;
import org.charlstm.train.Figures;
import org.charlstm.train.Spread;

/** The seconds of a run's epochs. The first, which warms up, counts for the others only if there is no other. */
public record EpochTimes(double first, double mean, double median, double min, double max) {
    /** The times of at least one epoch. */
    public static EpochTimes of(List<Figures> epochs) {
        List<Double> others = epochs.stream().skip(epochs.size() == 1 ? 0 : 1).map(Figures::seconds).toList();
        Spread spread = Spread.of(others);
        return new EpochTimes(epochs.getFirst().seconds(),
                others.stream().mapToDouble(Double::doubleValue).average().orElseThrow(), spread.median(), spread.min(),
                spread.max());
    }
}
