package org.charlstm.train;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Operations;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;

/**
 * The state of a training between two updates, from which it goes on as if nothing had stopped it. Everything else,
 * such as the order of the captions, is a function of the text and the {@link TrainingOptions}.
 *
 * @param states  the optimiser's, by the names that its rule gives them, in tensors under the weights' names
 * @param epoch   the epoch that is under way, or was the last; 0 before the first
 * @param rows    captions of it that were seen
 * @param totals  the sums of {@link org.charlstm.device.Operations#crossEntropy} over those, of one rank after the
 *                other, since rounded sums depend on their order
 * @param carried the state that streams carry to the next batch, from {@link org.charlstm.nn.NetworkState#read}; empty
 *                where each batch begins anew
 */
public record TrainingState(Weights weights, Map<String, Weights> states, int epoch, int rows, double[] totals,
        double seconds, Schedule.Course course, List<Tensor> carried) {
    /** Refuses what is no state of a training. */
    public TrainingState {
        states = Collections.unmodifiableMap(new LinkedHashMap<>(states));
        totals = totals.clone();
        carried = List.copyOf(carried);
        Refuse.argumentIf(epoch < 0 || rows < 0 || (epoch == 0 && rows > 0) || totals.length == 0
                || totals.length % Operations.TOTALS != 0 || !(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)
                || !Arrays.stream(totals).allMatch(Double::isFinite),
                "no state of a training: epoch " + epoch + ", " + rows + " rows, " + seconds + " s, totals "
                        + Arrays.toString(totals));
    }

    /** The totals of all ranks. */
    static double[] summed(double[] totals) {
        double[] sums = Arrays.copyOf(totals, Operations.TOTALS);
        for (int i = Operations.TOTALS; i < totals.length; i++) {
            sums[i % Operations.TOTALS] += totals[i];
        }
        return sums;
    }

    /** A rank's own totals; those of another number of ranks are all given to rank 0. */
    static double[] share(double[] totals, int rank, int size) {
        if (totals.length == size * Operations.TOTALS) {
            return Arrays.copyOfRange(totals, rank * Operations.TOTALS, (rank + 1) * Operations.TOTALS);
        }
        return rank == 0 ? summed(totals) : new double[Operations.TOTALS];
    }

    /** The same with another state of the schedule. */
    public TrainingState course(Schedule.Course other) {
        return new TrainingState(weights, states, epoch, rows, totals, seconds, other, carried);
    }
}
