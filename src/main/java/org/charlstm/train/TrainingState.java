package org.charlstm.train;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.charlstm.device.Operations;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;

/**
 * All that a training needs to go on as if nothing had stopped it, between any two steps. Everything else, such as the
 * order of the captions, is a function of the text and the {@link TrainingOptions}.
 *
 * @param states  the optimiser's, each under the name that its rule gives it, in tensors under the weights' names
 * @param epoch   the epoch that is under way, or was the last; 0 before the first
 * @param rows    captions of it that were seen
 * @param totals  of those, what {@link org.charlstm.device.Operations#crossEntropy} adds up, of each rank after the
 *                other: rounded sums depend on their order. The last two NaN where a state of an older version does not
 *                tell them
 * @param course  where the schedule of the learning rate is
 * @param carried what the layers carry from one batch to the next, as {@link org.charlstm.nn.NetworkState#read} has
 *                it; none where each batch begins anew
 */
public record TrainingState(Weights weights, Map<String, Weights> states, int epoch, int rows, double[] totals,
        double seconds, Schedule.Course course, List<Tensor> carried) {
    /** Of the totals, those that any state tells. */
    private static final int TOLD = 3;

    /** Copies what could change, and refuses a place in no epoch. */
    public TrainingState {
        states = Collections.unmodifiableMap(new LinkedHashMap<>(states));
        totals = totals.clone();
        carried = List.copyOf(carried);
        if (epoch < 0 || rows < 0 || (epoch == 0 && rows > 0) || totals.length == 0
                || totals.length % Operations.TOTALS != 0
                || !(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)
                || !Arrays.stream(totals, 0, TOLD).allMatch(Double::isFinite)
                || (!Arrays.stream(totals).allMatch(Double::isFinite) && !lacksReal(totals))) {
            throw new IllegalArgumentException("no state of a training: epoch " + epoch + ", " + rows + " rows, "
                    + seconds + " s, totals " + Arrays.toString(totals));
        }
    }

    private static boolean lacksReal(double[] totals) {
        return totals.length == Operations.TOTALS
                && Arrays.stream(totals, TOLD, Operations.TOTALS).allMatch(Double::isNaN);
    }

    /** The totals of all ranks. */
    static double[] summed(double[] totals) {
        double[] sums = Arrays.copyOf(totals, Operations.TOTALS);
        for (int i = Operations.TOTALS; i < totals.length; i++) {
            sums[i % Operations.TOTALS] += totals[i];
        }
        return sums;
    }

    /** A rank's own totals; those of another number of ranks go on in the first. */
    static double[] share(double[] totals, int rank, int size) {
        if (totals.length == size * Operations.TOTALS) {
            return Arrays.copyOfRange(totals, rank * Operations.TOTALS, (rank + 1) * Operations.TOTALS);
        }
        return rank == 0 ? summed(totals) : new double[Operations.TOTALS];
    }

    /**
     * The same where the schedule has been told of the epoch.
     *
     * @param other where it is then
     */
    public TrainingState course(Schedule.Course other) {
        return new TrainingState(weights, states, epoch, rows, totals, seconds, other, carried);
    }
}
