package org.charlstm.train;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Operations;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;

/**
 * The state of a training between two updates, from which training continues as if it had never stopped. Everything
 * else, such as the order of the captions, is a function of the text and the {@link TrainingOptions}.
 *
 * @param states  the optimiser's states by the names in its rule, as tensors under the weights' names
 * @param epoch   the epoch in progress, or the last one; 0 before the first
 * @param rows    the number of captions seen in this epoch
 * @param totals  the sums of {@link org.charlstm.device.Operations#crossEntropy} over these captions. The ranks have
 *                separate sums, rank after rank, since rounded sums depend on their order
 * @param carried the state that streams carry to the next batch, from {@link org.charlstm.nn.NetworkState#read}; empty
 *                if each batch starts anew
 */
public record TrainingState(Weights weights, Map<String, Weights> states, int epoch, int rows, double[] totals,
        double seconds, Schedule.Course course, List<Tensor> carried) {
    /** Refuses values that no training reaches. */
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

    /** A rank's own totals. From another number of ranks, rank 0 gets the sum of all totals, the others zeros. */
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
