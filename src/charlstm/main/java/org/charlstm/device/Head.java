package org.charlstm.device;

import java.util.List;

/**
 * The top of a network in training as one operation. From its input x (M, H) it computes a = activation(x W1 + b1),
 * logits = a W2 + b2, their {@linkplain Operations#crossEntropy cross-entropy} and all gradients, and keeps nothing in
 * between in memory. The rows are computed in parts with sums of their own, which makes the results independent of the
 * order of the parts and of anything that runs beside them.
 */
public interface Head {
    /**
     * The sizes of the computation.
     *
     * @param inputs     H, columns of x
     * @param units      D, columns of a
     * @param symbols    V, columns of the logits
     * @param activation of the first layer; the second has none
     * @param parts      the number of rows of each part, M in all
     */
    record Shape(int inputs, int units, int symbols, Activation activation, List<Integer> parts) {
        /** Checks the sizes. */
        public Shape {
            parts = List.copyOf(parts);
            if (inputs < 1 || units < 1 || symbols < 1 || parts.isEmpty()
                    || parts.stream().anyMatch(rows -> rows < 1)) {
                throw new IllegalArgumentException("a head of " + inputs + " inputs, " + units + " units and " + symbols
                        + " symbols on parts of " + parts + " rows: each must be at least 1");
            }
        }

        /** M, the rows of all parts. */
        public int rows() {
            return firstRow(parts.size());
        }

        /** The same rows in other parts. */
        public Shape withParts(List<Integer> others) {
            return new Shape(inputs, units, symbols, activation, others);
        }

        /** The first row of a part; for the number of parts, M. */
        public int firstRow(int part) {
            return parts.subList(0, part).stream().reduce(0, Math::addExact);
        }
    }

    /**
     * Computes one part.
     *
     * @param weights       the flat weights
     * @param input         x, (M, H), of which this part's rows are read
     * @param targets       M ids, padding marked, as for {@link Operations#crossEntropy}
     * @param count         one element: the loss is the sum of losses divided by it
     * @param inputGradient receives this part's rows of dL/dx, (M, H); not the input
     * @param part          from 0
     */
    void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part);

    /**
     * Adds up the sums of all parts, each of which has run.
     *
     * @param totals    {@value Operations#TOTALS} elements, added to as by {@link Operations#crossEntropy}
     * @param gradients the flat gradients; both layers' part is overwritten
     */
    void finish(Doubles totals, Matrix gradients);
}
