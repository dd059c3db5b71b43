package org.charlstm.run;

import java.util.List;
import java.util.Set;
import org.charlstm.train.Figures;
import org.charlstm.train.Spread;

/**
 * The seconds of a run's epochs. The first of each process, which warms up, counts for the others only if there is no
 * other.
 */
public record EpochTimes(double first, double mean, double median, double min, double max) {
    /**
     * The times of at least one epoch.
     *
     * @param resumed the epochs with which a process went on
     */
    static EpochTimes of(List<Figures> epochs, Set<Integer> resumed) {
        List<Double> others = epochs.stream().skip(1).filter(each -> !resumed.contains(each.epoch()))
                .map(Figures::seconds).toList();
        if (others.isEmpty()) {
            others = epochs.stream().map(Figures::seconds).toList();
        }
        Spread spread = Spread.of(others);
        return new EpochTimes(epochs.getFirst().seconds(),
                others.stream().mapToDouble(Double::doubleValue).average().orElseThrow(), spread.median(), spread.min(),
                spread.max());
    }
}
