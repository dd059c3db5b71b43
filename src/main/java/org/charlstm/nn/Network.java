package org.charlstm.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.charlstm.device.Activation;
import org.charlstm.device.Doubles;
import org.charlstm.device.Head;
import org.charlstm.device.Ints;
import org.charlstm.device.Leases.Lease;
import org.charlstm.device.Lstm;
import org.charlstm.device.Lstm.Input;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * A model's computation for one number of time steps and one batch size: the layers, the activations between them, and
 * the gradients of those. Rows are time-major: step t of sequence b is row t B + b.
 */
public final class Network {
    /** A probability that float32 tells from 0 beside 1. */
    private static final double LEAST = 1e-7;

    private final Model model;
    private final int steps;
    private final List<Block.Pass> passes = new ArrayList<>();
    /** From which element on gradients are computed once a pass has gone backward. */
    private final List<Integer> computed = new ArrayList<>();
    /** What each but the first takes: the output of the one before. */
    private final List<Input> between = new ArrayList<>();
    /** The two layers above these with their loss; null where the device runs them one by one. */
    private final @Nullable Head head;
    /** What the loss is a mean over; null if there is no backward pass. */
    private final @Nullable Doubles count;
    /** The number of the batch, by which masks are drawn; null where there are none. */
    private final @Nullable Ints batchNumber;
    /** What makes the state before the first step; null where that is zeros, and likewise its state and gradients. */
    private final Conditioning.@Nullable OnDevice conditioning;
    private final @Nullable NetworkState first;
    private final @Nullable NetworkState firstGradient;

    /**
     * The computation for one shape.
     *
     * @param model    the weights, shared with every other shape
     * @param memory   where activations live
     * @param training whether {@link #train} will be called; what is drawn in it is of seed 0
     */
    public Network(Model model, Memory memory, int steps, int batch, boolean training) {
        this(model, memory, steps, batch, training ? new MaskSeed(0, memory.ints(1)) : null);
    }

    /**
     * The computation for one shape.
     *
     * @param model  the weights, shared with every other shape
     * @param memory where activations live
     * @param masks  what {@link #train} masks from; null if that will not be called
     */
    public Network(Model model, Memory memory, int steps, int batch, @Nullable MaskSeed masks) {
        this(model, memory, steps, batch, masks, model.config().prediction());
    }

    /**
     * The computation for one shape.
     *
     * @param model      the weights, shared with every other shape
     * @param memory     where activations live
     * @param masks      what {@link #train} masks from; null if that will not be called
     * @param prediction at which steps there are logits, whatever the model's are
     */
    public Network(Model model, Memory memory, int steps, int batch, @Nullable MaskSeed masks, Prediction prediction) {
        this.model = model;
        this.steps = steps;
        try (Lease _ = model.device().lease()) {
            Head found = null;
            List<Block> blocks = model.blocks();
            boolean training = masks != null;
            int top = topOfLstms(blocks);
            int given = steps;
            for (int i = 0; i < blocks.size() && found == null; i++) {
                Block.Pass below = passes.isEmpty() ? null : passes.getLast();
                boolean cut = i == top && prediction.steps(given) < given;
                boolean belowHead = training && i == blocks.size() - 3;
                Block.Place place = new Block.Place(model.device().operations(), memory, given, batch, masks,
                        model.offset(i), model.untrainedOffset(i),
                        belowHead && !cut ? headShape(model, List.of(given * batch)) : null);
                add(blocks.get(i).pass(place, below), place.offset());
                if (cut) {
                    given = prediction.steps(given);
                    add(new LastStep(place, passes.getLast()), model.offset(i + 1));
                }
                found = belowHead && !passes.isEmpty() ? head(model, memory, passes.getLast()) : null;
            }
            head = found;
            if (blocks.getFirst() instanceof Conditioning projection) {
                conditioning = new Conditioning.OnDevice(projection, new Block.Place(model.device().operations(),
                        memory, steps, batch, masks, model.offset(0), model.untrainedOffset(0), null));
                first = newState(memory);
                firstGradient = training ? newState(memory) : null;
            } else {
                conditioning = null;
                first = null;
                firstGradient = null;
            }
            batchNumber = masks == null || blocks.stream().noneMatch(DropoutLayer.OnDevice.class::isInstance) ? null
                    : masks.batch();
            if (training) {
                count = memory.doubles(1);
                count.write(new double[] {passes.getLast().output.rows()});
            } else {
                count = null;
            }
        }
    }

    private void add(Block.@Nullable Pass pass, int offset) {
        if (pass != null) {
            computed.add(offset);
            passes.add(pass);
            between.add(new Input.Dense(pass.output));
        }
    }

    /** Which is the highest, each step of which takes what the one before left. */
    private static int topOfLstms(List<Block> blocks) {
        int top = blocks.size() - 1;
        while (!(blocks.get(top) instanceof LstmLayer.Stack)) {
            top--;
        }
        return top;
    }

    /** The two top layers as one, on the parts in which the layer below gives its output. */
    private static @Nullable Head head(Model model, Memory memory, Block.Pass given) {
        Head.Shape shape = headShape(model, given.partRows());
        return shape == null ? null : model.device().operations()
                .head(memory, shape, model.offset(model.blocks().size() - 2)).orElse(null);
    }

    /** Null where the two top layers are none that make a head. */
    private static Head.@Nullable Shape headShape(Model model, List<Integer> parts) {
        List<Block> blocks = model.blocks();
        int first = blocks.size() - 2;
        if (!(blocks.get(first) instanceof DenseLayer.OnDevice below)
                || !(blocks.get(first + 1) instanceof DenseLayer.OnDevice top)
                || top.dense().activation() != Activation.LINEAR) {
            return null;
        }
        return new Head.Shape(below.named().inputs(), below.dense().units(), top.dense().units(),
                below.dense().activation(), parts);
    }

    /**
     * What the model carries from one step to the next, for a forward pass that goes on where another ended.
     *
     * @param memory where it lives
     */
    public NetworkState newState(Memory memory) {
        List<Lstm.@Nullable State> states = new ArrayList<>();
        try (Lease _ = model.device().lease()) {
            passes.forEach(pass -> states.add(pass.state(memory)));
        }
        return new NetworkState(states);
    }

    /**
     * What the sentences of the batch are about, which the caller writes before they begin.
     *
     * @return (B, F)
     * @throws IllegalStateException if the model is not conditioned
     */
    public Matrix features() {
        if (conditioning == null) {
            throw new IllegalStateException("this model has no features");
        }
        return conditioning.features;
    }

    /**
     * Begins sentences.
     *
     * @param state becomes that before the first step: of zeros, or what the model makes of {@link #features}
     */
    public void begin(NetworkState state) {
        try (Lease _ = model.device().lease()) {
            if (conditioning == null) {
                state.reset();
            } else {
                conditioning.forward(model.flatWeights(), state);
            }
        }
    }

    /**
     * Computes the logits.
     *
     * @param inputs T x B ids, time-major
     * @param state  the state before the first step; receives the state after the last. Null to {@link #begin} with one
     *               that is dropped
     * @throws IllegalStateException as {@link #logits} has it
     */
    public void forward(Ints inputs, @Nullable NetworkState state) {
        requireLogits();
        try (Lease _ = model.device().lease()) {
            NetworkState from = state == null ? beginning() : state;
            for (int i = 0; i < passes.size(); i++) {
                passes.get(i).forward(model.flatWeights(), input(inputs, i), from == null ? null : from.of(i));
            }
        }
    }

    /** The state before the first step, begun; null for zeros. */
    private @Nullable NetworkState beginning() {
        if (first != null) {
            begin(first);
        }
        return first;
    }

    /**
     * Drawing from the logits and feeding what was drawn, many symbols at once, where the device has that.
     *
     * @param memory where its workspace lives
     * @param state  the state that it reads and leaves, as {@link #forward} does
     * @return empty where symbols are to be drawn and fed one by one
     * @throws IllegalStateException if the network has more than one time step
     */
    public Optional<Sampling> sampling(Memory memory, NetworkState state) {
        if (steps != 1) {
            throw new IllegalStateException("a network of " + steps + " time steps; a symbol is one");
        }
        List<Sampling.Layer> layers = new ArrayList<>();
        for (int i = 0; i < passes.size(); i++) {
            Sampling.Layer placed = passes.get(i).placed(state.of(i));
            if (placed == null) {
                return Optional.empty();
            }
            layers.add(placed);
        }
        return model.device().operations().sampling(memory, layers, model.flatWeights(), logits());
    }

    /**
     * The last layer's output, after {@link #forward}.
     *
     * @return (T B, V), or (B, V) where the last step alone is predicted
     * @throws IllegalStateException if a device computes the two top layers of this network, which is for training, as
     *         one, without logits in memory
     */
    public Matrix logits() {
        requireLogits();
        return passes.getLast().output;
    }

    private void requireLogits() {
        if (head != null) {
            throw new IllegalStateException("this network is for training and keeps no logits");
        }
    }

    /**
     * Adds the loss of the last forward pass to the totals.
     *
     * @param targets a target for each row of logits
     * @param totals  as {@link org.charlstm.device.Operations#crossEntropy} has them
     */
    public void loss(Ints targets, Doubles totals) {
        try (Lease _ = model.device().lease()) {
            model.device().operations().crossEntropy(logits(), targets, null, null, totals);
        }
    }

    /**
     * {@linkplain #begin Begins}, goes forward, adds the loss to the totals, and computes every gradient of its mean
     * over all rows.
     *
     * @param inputs    T x B ids, time-major
     * @param targets   a target for each row of logits: T x B, time-major, or B
     * @param totals    as {@link org.charlstm.device.Operations#crossEntropy} has them
     * @param gradients a flat buffer; overwritten
     */
    public void train(Ints inputs, Ints targets, Doubles totals, Matrix gradients) {
        train(inputs, targets, null, null, totals, gradients, from -> {});
    }

    /**
     * The same from another state, and with gradients of the sum of losses divided by another number.
     *
     * @param inputs    T x B ids, time-major
     * @param targets   a target for each row of logits: T x B, time-major, or B
     * @param state     the state before the first step, into which gradients do not flow; receives the state after the
     *                  last. Null to begin, and there is nothing else for a conditioned model
     * @param divisor   one element; null for the number of all rows
     * @param totals    as {@link org.charlstm.device.Operations#crossEntropy} has them
     * @param gradients a flat buffer; overwritten
     * @param told      of the element from which on all gradients are there, again and again while those before it are
     *                  computed; not of those of a tied kernel, and not of the last
     * @throws IllegalStateException if the model is conditioned and there is a state
     */
    public void train(Ints inputs, Ints targets, @Nullable NetworkState state, @Nullable Doubles divisor,
            Doubles totals, Matrix gradients, IntConsumer told) {
        if (state != null && conditioning != null) {
            throw new IllegalStateException("a conditioned model learns from beginnings");
        }
        try (Lease _ = model.device().lease()) {
            NetworkState from = state == null ? beginning() : state;
            Doubles rows = divisor == null ? Objects.requireNonNull(count, "made for training") : divisor;
            Matrix weights = model.flatWeights();
            for (int i = 0; i < passes.size() - 1; i++) {
                passes.get(i).forward(weights, input(inputs, i), from == null ? null : from.of(i));
            }
            Block.Pass last = passes.getLast();
            Lstm.State carried = from == null ? null : from.of(passes.size() - 1);
            last.forward(weights, input(inputs, passes.size() - 1), carried, part -> {
                if (head != null) {
                    head.run(weights, last.output, targets, rows, last.outputGradient, part);
                }
            });
            if (head == null) {
                model.device().operations().crossEntropy(last.output, targets, rows, last.outputGradient, totals);
            } else {
                head.finish(totals, gradients);
                told.accept(model.offset(model.blocks().size() - 2));
            }
            for (int i = passes.size() - 1; i >= 0; i--) {
                passes.get(i).backward(weights, input(inputs, i), i == 0 ? null : passes.get(i - 1).outputGradient,
                        firstGradient == null ? null : firstGradient.of(i), gradients);
                if (i > 0) {
                    told.accept(computed.get(i));
                }
            }
            if (conditioning != null && firstGradient != null) {
                conditioning.backward(weights, firstGradient, gradients);
            }
            model.gatherTied(gradients);
            if (batchNumber != null) {
                model.device().operations().add(batchNumber, 1);
            }
        }
    }

    /**
     * The mean loss of each sequence in the last {@link #train}, from the gradient that this left: p - 1 over the
     * divisor at the target. Of running text, which has no padding.
     *
     * @return B means in nats; empty if the device keeps no gradient of the logits
     */
    public Optional<double[]> losses(Ints targets, @Nullable Doubles divisor) {
        if (head != null) {
            return Optional.empty();
        }
        Matrix gradient = passes.getLast().outputGradient;
        double rows = (divisor == null ? Objects.requireNonNull(count, "made for training") : divisor).read()[0];
        double[] values = gradient.read();
        int[] ids = targets.read();
        double[] losses = new double[ids.length / steps];
        for (int i = 0; i < ids.length; i++) {
            double probability = 1 + values[i * gradient.columns() + ids[i]] * rows;
            losses[i % losses.length] -= Math.log(Math.max(LEAST, probability)) / steps;
        }
        return Optional.of(losses);
    }

    private Input input(Ints inputs, int pass) {
        return pass == 0 ? new Input.Ids(inputs) : between.get(pass - 1);
    }
}
