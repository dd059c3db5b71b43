package org.charlstm.selftest.models;

import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.UpdateRule.RmsProp;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.Optimiser;
import org.charlstm.nn.Weights;
import org.charlstm.selftest.TrialMemory;

/** One batch for a model. Targets are T x B, time-major; a model that predicts only the last step has B targets. */
public record TrialBatch(int steps, int batch, int[] inputs, int[] targets) {
    /** The result of one forward and backward pass. */
    public record Result(double loss, Weights gradients) {
    }

    /** The result of several updates, and whether the device captured a step and replayed it. */
    public record Training(double[] losses, Weights weights, boolean recorded) {
    }

    /** Computes loss and gradients on a device. */
    public Result run(Device device, Weights weights) {
        try (Model model = new Model(device, weights); Memory memory = device.memory()) {
            Matrix gradients = model.flatBuffer(memory);
            Doubles totals = memory.doubles(Operations.TOTALS);
            pass(model, memory, gradients, totals).run();
            return new Result(loss(totals), model.unpack(gradients));
        }
    }

    /**
     * Runs several updates from the same batch on a device; {@code recorded} allows capturing a step and replaying it.
     */
    public Training train(Device device, Weights weights, int updates, boolean recorded) {
        try (Model model = new Model(device, weights); Memory memory = device.memory()) {
            Optimiser optimiser = new Optimiser(model, memory, RmsProp.KERAS, 1);
            optimiser.begin(0, RmsProp.LEARNING_RATE);
            Matrix gradients = model.flatBuffer(memory);
            Doubles totals = memory.doubles(Operations.TOTALS);
            Runnable pass = pass(model, memory, gradients, totals);
            Runnable step = () -> {
                pass.run();
                optimiser.update(gradients);
            };
            Runnable run = recorded ? device.capture(memory, step) : step;
            double[] losses = new double[updates];
            for (int i = 0; i < updates; i++) {
                totals.write(new double[Operations.TOTALS]);
                run.run();
                losses[i] = loss(totals);
            }
            return new Training(losses, model.weights(), !run.equals(step));
        }
    }

    private Runnable pass(Model model, Memory memory, Matrix gradients, Doubles totals) {
        Network network = new Network(model, memory, steps, batch, true);
        if (model.config().features() > 0) {
            network.features().write(TrialMemory.random(3, batch * model.config().features(), 1));
        }
        Ints ids = memory.ints(inputs.length);
        ids.write(inputs);
        Ints next = memory.ints(targets.length);
        next.write(targets);
        return () -> network.train(new Network.Batch(ids, next), totals, gradients);
    }

    private double loss(Doubles totals) {
        return totals.read()[0] / targets.length;
    }
}
