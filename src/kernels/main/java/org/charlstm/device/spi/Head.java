package org.charlstm.device.spi;

import java.util.List;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;

/**
 * The top of a network in training as one operation. From the input x (M, H), a head computes
 * a = activation(x W1 + b1), logits = a W2 + b2, their {@linkplain ComposedOperations#crossEntropy cross-entropy} and
 * all gradients, and stores no intermediate values in memory. Each part of the rows has its own sums, so the results do
 * not depend on the order of the parts or on concurrent work.
 */
public interface Head {
    /** The columns H, D and V of x, a and the logits, the first activation, and the rows of each part, M in all. */
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

        /** M, the number of rows of all parts. */
        public int rows() {
            return firstRow(parts.size());
        }

        /** A head on these rows in other parts. */
        public Shape withParts(List<Integer> others) {
            return new Shape(inputs, units, symbols, activation, others);
        }

        /** The first row of a part; M if {@code part} is the number of parts. */
        public int firstRow(int part) {
            return parts.subList(0, part).stream().reduce(0, Math::addExact);
        }
    }

    /**
     * Computes a part, counted from 0: reads the part's rows of x and writes the same rows of dL/dx, both (M, H), to a
     * different buffer. Targets are as for {@link ComposedOperations#crossEntropy}. The loss is the sum of losses
     * divided by the element of {@code count}.
     */
    void run(Matrix weights, Matrix input, Ints targets, Doubles count, Matrix inputGradient, int part);

    /**
     * Adds up the sums of all parts, after each part has run: adds to the {@value ComposedOperations#TOTALS} totals as
     * {@link ComposedOperations#crossEntropy} does, and overwrites the flat gradients of both layers.
     */
    void finish(Doubles totals, Matrix gradients);

    /** The loss, in nats, of each of the M rows in the last runs, if the row counts; empty if losses are not kept. */
    default float[] losses() {
        return new float[0];
    }
}
