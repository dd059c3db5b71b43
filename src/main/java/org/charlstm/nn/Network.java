package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Head;
import org.charlstm.device.HeadShape;
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
    /** The two layers above these with their loss; null where the device runs them one by one. */
    private final @Nullable Head head;
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
            head = training ? head(model, memory, Math.multiplyExact(steps, batch)) : null;
            for (int i = 0; i < model.blocks().size() - (head == null ? 0 : 2); i++) {
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

    private static @Nullable Head head(Model model, Memory memory, int rows) {
        List<Block> blocks = model.blocks();
        int first = blocks.size() - 2;
        return first > 0 && blocks.get(first) instanceof DenseLayer.OnDevice below
                && blocks.get(first + 1) instanceof DenseLayer.OnDevice top
                && top.dense().activation() == Activation.LINEAR
                        ? model.device().operations().head(memory,
                                new HeadShape(below.named().inputs(), below.dense().units(), top.dense().units(),
                                        below.dense().activation(), List.of(rows)),
                                model.offset(first)).orElse(null)
                        : null;
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
     * Computes the logits or, where {@link #backward} computes them too, what lies below.
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
     * @throws IllegalStateException if a device computes the two top layers of this network, which is for training, as
     *         one, without logits in memory
     */
    public Matrix logits() {
        if (head != null) {
            throw new IllegalStateException("this network is for training and keeps no logits");
        }
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
            Block.Pass last = passes.getLast();
            if (head == null) {
                model.device().operations().crossEntropy(last.output, targets, count, last.outputGradient, totals);
            } else {
                head.run(model.flatWeights(), last.output, targets,
                        Objects.requireNonNull(count, "head is for training"),
                        last.outputGradient, 0);
                head.finish(totals, gradients);
            }
            for (int i = passes.size() - 1; i >= 0; i--) {
                Input input = i == 0 ? new Input.Ids(inputs) : between.get(i - 1);
                Matrix inputGradient = i == 0 ? null : passes.get(i - 1).outputGradient;
                passes.get(i).backward(model.flatWeights(), input, inputGradient, gradients);
            }
        }
    }
}
