package org.charlstm.selftest;

import java.util.ArrayDeque;
import java.util.Queue;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.jspecify.annotations.Nullable;

/**
 * Takes the values that a program computes, each with a name for messages. Those of the oracle are kept; those of a
 * device are compared with the oracle's, in the order in which both come.
 */
final class Results {
    private final Queue<double[]> values = new ArrayDeque<>();
    private final Queue<int[]> ids = new ArrayDeque<>();
    private final @Nullable Results expected;
    private final ValueComparison comparison;

    /** The oracle's. */
    Results() {
        expected = null;
        comparison = new ValueComparison(0);
    }

    /** A device's. */
    Results(Results expected, ValueComparison comparison) {
        this.expected = expected;
        this.comparison = comparison;
    }

    /** Values that must agree with the oracle's within the tolerance. */
    void close(String name, double... computed) {
        if (expected == null) {
            values.add(computed);
        } else {
            comparison.agree(name, expected.values.remove(), computed);
        }
    }

    /** Tensor by tensor. */
    void close(String prefix, Weights computed) {
        for (Tensor tensor : computed.tensors()) {
            close(prefix + tensor.name(), tensor.values());
        }
    }

    /** Values that must be the oracle's to the bit. */
    void exact(String name, double... computed) {
        if (expected == null) {
            values.add(computed);
        } else {
            comparison.same(name, expected.values.remove(), computed);
        }
    }

    /** Whole numbers that must be the oracle's. */
    void exact(String name, int... computed) {
        if (expected == null) {
            ids.add(computed);
        } else {
            comparison.same(name, expected.ids.remove(), computed);
        }
    }

    /** For requirements on the device's values that do not depend on the oracle's. */
    ValueComparison alone() {
        return comparison;
    }
}
