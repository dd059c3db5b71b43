package org.charlstm.nn;

import java.util.List;
import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;

/**
 * One batch for a model.
 *
 * @param steps   T
 * @param batch   B
 * @param inputs  T x B, time-major
 * @param targets T x B, time-major
 */
record Batch(int steps, int batch, int[] inputs, int[] targets) {
    record Result(double loss, Weights gradients) {
    }

    /** Loss and gradients on a device. */
    Result run(Device device, Weights weights) {
        try (Model model = new Model(device, weights); Memory memory = device.memory()) {
            RmsProp optimiser = new RmsProp(model, memory, RmsProp.LEARNING_RATE);
            double loss = step(model, memory, optimiser);
            return new Result(loss, model.unpack(optimiser.gradients()));
        }
    }

    /** Mean loss before each of some updates on a device. */
    double[] train(Device device, Weights weights, int updates) {
        try (Model model = new Model(device, weights); Memory memory = device.memory()) {
            RmsProp optimiser = new RmsProp(model, memory, RmsProp.LEARNING_RATE);
            double[] losses = new double[updates];
            for (int i = 0; i < updates; i++) {
                losses[i] = step(model, memory, optimiser);
                optimiser.update();
            }
            return losses;
        }
    }

    private double step(Model model, Memory memory, RmsProp optimiser) {
        Network network = new Network(model, memory, steps, batch, true);
        Ints ids = memory.ints(inputs.length);
        ids.write(inputs);
        Ints next = memory.ints(targets.length);
        next.write(targets);
        Doubles totals = memory.doubles(2);
        network.forward(ids, null);
        network.backward(ids, next, totals, optimiser.gradients());
        return totals.read()[0] / targets.length;
    }

    /** A copy of weights with one value changed. */
    static Weights changed(Weights weights, int tensor, int index, double by) {
        List<Tensor> tensors = weights.tensors().stream()
                .map(t -> new Tensor(t.name(), t.shape(), t.values().clone())).toList();
        tensors.get(tensor).values()[index] += by;
        return new Weights(weights.config(), tensors);
    }
}
