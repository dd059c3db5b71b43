package org.charlstm.device;

/**
 * The top of a network in training, as one: with x (M, H) what lies below gives, a = activation(x W1 + b1), logits =
 * a W2 + b2, their {@linkplain Operations#crossEntropy cross-entropy} and all gradients, without logits or anything
 * else between in memory. It is computed in parts of the rows, each of which has sums of its own, so that neither their
 * order in time nor what runs beside them shows in a result.
 */
public interface Head {
    /**
     * Computes one part.
     *
     * @param input         x, (M, H), of which this part's rows are read
     * @param targets       M ids, padding marked, as {@link Operations#crossEntropy} takes them
     * @param count         one element: what the sum of losses is divided by to be the loss
     * @param inputGradient receives this part's rows of dL/dx, (M, H); not the input
     * @param part          which, from 0
     */
    void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part);

    /**
     * Adds up what the parts have left, after each was computed.
     *
     * @param totals    {@value Operations#TOTALS} elements, added to, as {@link Operations#crossEntropy} has them
     * @param gradients the flat gradients; both layers' part is overwritten
     */
    void finish(Doubles totals, Matrix gradients);
}
