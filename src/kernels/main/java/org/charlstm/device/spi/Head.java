package org.charlstm.device.spi;

import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;

/**
 * The top of a network in training as one operation. From its input x (M, H) it computes a = activation(x W1 + b1),
 * logits = a W2 + b2, their {@linkplain ComposedOperations#crossEntropy cross-entropy} and all gradients,
 * and keeps nothing in between in memory. The rows are computed in parts with sums of their own, which makes the
 * results independent of the order of the parts and of anything that runs beside them.
 */
public interface Head {
    /** The sizes: H, D, V columns of x, a and the logits, the first activation, and the rows of each part, M in all. */
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
     * Computes one part, from 0: reads its rows of x, and writes those of dL/dx to another buffer, both (M, H). Targets
     * are as for {@link ComposedOperations#crossEntropy}. The loss is the sum of losses over the element of
     * {@code count}.
     */
    void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part);

    /**
     * Adds up the sums of all parts, each of which has run: adds to the {@value ComposedOperations#TOTALS} totals as
     * {@link ComposedOperations#crossEntropy} does, and overwrites both layers' part of the flat gradients.
     */
    void finish(Doubles totals, Matrix gradients);

    /** The loss of each of the M rows of the last runs whose target is counted, in nats; empty if it is not kept. */
    default float[] losses() {
        return new float[0];
    }
}
