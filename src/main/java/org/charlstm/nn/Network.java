package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.Doubles;
import org.charlstm.device.Input;
import org.charlstm.device.Ints;
import org.charlstm.device.Lease;
import org.charlstm.device.LstmState;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.jspecify.annotations.Nullable;

/**
 * A model's computation for one number of time steps and one batch size: the layers, the activations between them, and
 * the gradients of those. Rows are time-major: step t of sequence b is row t B + b.
 */
public final class Network {
    private final Model model;
    private final List<Block.Pass> passes = new ArrayList<>();
    /** What each but the first takes: the output of the one before. */
    private final List<Input> between = new ArrayList<>();
    /** What the loss is a mean over; null if there is no backward pass. */
    private final @Nullable Doubles count;

    /**
     * The computation for one shape.
     *
     * @param model    the weights, shared with every other shape
     * @param memory   where activations live
     * @param steps    T
     * @param batch    B
     * @param training whether {@link #backward} will be called
     */
    public Network(Model model, Memory memory, int steps, int batch, boolean training) {
        this.model = model;
        try (Lease _ = model.device().lease()) {
            for (int i = 0; i < model.blocks().size(); i++) {
                Block.Pass pass = model.blocks().get(i).pass(new Block.Place(model.device().operations(), memory,
                        steps, batch, training, model.offset(i)));
                passes.add(pass);
                between.add(new Input.Dense(pass.output));
            }
            if (training) {
                count = memory.doubles(1);
                count.write(new double[] {passes.getLast().output.rows()});
            } else {
                count = null;
            }
        }
    }

    /**
     * What the model carries from one step to the next, for a forward pass that goes on where another ended.
     *
     * @param memory where it lives
     * @return zeros
     */
    public NetworkState newState(Memory memory) {
        List<@Nullable LstmState> states = new ArrayList<>();
        try (Lease _ = model.device().lease()) {
            passes.forEach(pass -> states.add(pass.state(memory)));
        }
        return new NetworkState(states);
    }

    /**
     * Computes the logits.
     *
     * @param inputs T x B ids, time-major
     * @param state  the state before the first step; receives the state after the last. Null for zeros
     */
    public void forward(Ints inputs, @Nullable NetworkState state) {
        try (Lease _ = model.device().lease()) {
            Input input = new Input.Ids(inputs);
            for (int i = 0; i < passes.size(); i++) {
                passes.get(i).forward(model.flatWeights(), input, state == null ? null : state.of(i));
                input = between.get(i);
            }
        }
    }

    /**
     * The last layer's output, until {@link #backward} overwrites it.
     *
     * @return (T B, V)
     */
    public Matrix logits() {
        return passes.getLast().output;
    }

    /**
     * Adds the loss of the last forward pass to the totals.
     *
     * @param targets T x B ids, time-major
     * @param totals  as {@link org.charlstm.device.Operations#crossEntropy} has them
     */
    public void loss(Ints targets, Doubles totals) {
        try (Lease _ = model.device().lease()) {
            model.device().operations().crossEntropy(logits(), targets, null, null, totals);
        }
    }

    /**
     * Adds the loss of the last forward pass to the totals and computes every gradient of its mean over all rows.
     *
     * @param inputs    the ids that went forward, from a state of zeros
     * @param targets   T x B ids, time-major
     * @param totals    as {@link org.charlstm.device.Operations#crossEntropy} has them
     * @param gradients a flat buffer; overwritten
     */
    public void backward(Ints inputs, Ints targets, Doubles totals, Matrix gradients) {
        try (Lease _ = model.device().lease()) {
            model.device().operations().crossEntropy(logits(), targets, count, passes.getLast().outputGradient,
                    totals);
            for (int i = passes.size() - 1; i >= 0; i--) {
                Input input = i == 0 ? new Input.Ids(inputs) : between.get(i - 1);
                Matrix inputGradient = i == 0 ? null : passes.get(i - 1).outputGradient;
                passes.get(i).backward(model.flatWeights(), input, inputGradient, gradients);
            }
        }
    }
}
