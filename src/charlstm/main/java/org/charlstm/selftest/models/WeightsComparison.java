package org.charlstm.selftest.models;

import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.selftest.ValueComparison;

/** Compares each tensor of a model by its name. */
final class WeightsComparison {
    static void agree(ValueComparison comparison, Weights expected, Weights actual) {
        for (Tensor tensor : expected.tensors()) {
            comparison.agree(tensor.name(), tensor.values(), actual.get(tensor.name()).values());
        }
    }

    static void same(ValueComparison comparison, Weights expected, Weights actual) {
        for (Tensor tensor : expected.tensors()) {
            comparison.same(tensor.name(), tensor.values(), actual.get(tensor.name()).values());
        }
    }
}
