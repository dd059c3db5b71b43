package org.charlstm.nn;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Activation;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Doubles;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;
import org.charlstm.device.spi.Sampling;
import org.jspecify.annotations.Nullable;

/**
 * A model's computation for one number of time steps and one batch size: the layers, their activations and gradients.
 * Rows are time-major: step t of sequence b is row t B + b.
 */
public final class Network {
    /** The least probability p for which p - 1 is not -1 in float32. */
    private static final double LEAST = 1e-7;

    private final Model model;
    private final int steps;
    private final List<Block.Pass> passes = new ArrayList<>();
    /** For each pass, the first element of the gradients that are complete after its backward pass. */
    private final List<Integer> firstComputed = new ArrayList<>();
    /** The inputs of all passes but the first: each is the output of the pass before. */
    private final List<Input> between = new ArrayList<>();
    /** The two top layers and the loss as one computation; null if the device computes separate passes. */
    private final @Nullable Head head;
    /** The number of rows over which the loss is averaged, on the device; null without a backward pass. */
    private final @Nullable Doubles count;
    /** The number of the batch, from which masks are drawn; null without dropout. */
    private final @Nullable Ints batchNumber;
    /** Projects the features to the initial state; null if the initial state is zeros. */
    private final Conditioning.@Nullable OnDevice conditioning;
    /** The initial state and its gradient; null without conditioning. */
    private final @Nullable NetworkState first;
    private final @Nullable NetworkState firstGradient;

    /**
     * The inputs of a dropout mask besides the layer and the element: a seed, the number of the batch, one element on
     * the device that rises by 1 in each training step, and the rows of a larger batch that the network computes.
     */
    public record MaskSeed(long seed, Ints batch, Dropout.Rows rows) {
        /** Masks for a network of whole batches. */
        public MaskSeed(long seed, Ints batch) {
            this(seed, batch, Dropout.Rows.ALL);
        }
    }

    /**
     * A batch to train on.
     *
     * @param inputs  T x B ids, time-major
     * @param targets a target for each row of logits: T x B, time-major, or B if the last step alone is predicted
     * @param state   the state before the first step, overwritten by the state after the last. The backward pass ends
     *                at this state. If null, the batch starts anew as with {@link #begin}; a conditioned model requires
     *                null
     * @param divisor the divisor of the sum of losses, one element; null for the number of rows
     */
    public record Batch(Ints inputs, Ints targets, @Nullable NetworkState state, @Nullable Doubles divisor) {
        /** A batch that starts anew, with the mean loss over all rows. */
        public Batch(Ints inputs, Ints targets) {
            this(inputs, targets, null, null);
        }
    }

    /** The computation for one shape, with activations in a memory; for training, masks have the seed 0. */
    public Network(Model model, Memory memory, int steps, int batch, boolean training) {
        this(model, memory, steps, batch, training ? new MaskSeed(0, memory.ints(1)) : null);
    }

    /** The same with given masks; null for a network without {@link #train}. */
    public Network(Model model, Memory memory, int steps, int batch, @Nullable MaskSeed masks) {
        this(model, memory, steps, batch, masks, model.config().prediction());
    }

    /** The same with logits at the steps of a given prediction instead of the model's. */
    public Network(Model model, Memory memory, int steps, int batch, @Nullable MaskSeed masks, Prediction prediction) {
        this.model = model;
        this.steps = steps;
        try (Lease _ = model.device().lease()) {
            Head found = null;
            List<Block> blocks = model.blocks();
            boolean training = masks != null;
            int top = topOfRecurrent(blocks);
            int given = steps;
            for (int i = 0; i < blocks.size() && found == null; i++) {
                Block.Pass below = passes.isEmpty() ? null : passes.getLast();
                boolean cut = i == top && prediction.steps(given) < given;
                boolean belowHead = training && i == blocks.size() - 3;
                Block.Context context = new Block.Context(model.device().operations(), memory, given, batch, masks,
                        model.offset(i), model.untrainedOffset(i),
                        belowHead && !cut ? headShape(model, List.of(given * batch)) : null);
                add(blocks.get(i).pass(context, below), context.offset());
                if (cut) {
                    given = prediction.steps(given);
                    add(new LastStep(context, passes.getLast()), model.offset(i + 1));
                }
                found = belowHead && !passes.isEmpty() ? head(model, memory, passes.getLast()) : null;
            }
            head = found;
            if (blocks.getFirst() instanceof Conditioning projection) {
                conditioning = new Conditioning.OnDevice(projection, new Block.Context(model.device().operations(),
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
            firstComputed.add(offset);
            passes.add(pass);
            between.add(new Input.Dense(pass.output));
        }
    }

    /** The index of the highest block that carries a state from step to step. */
    private static int topOfRecurrent(List<Block> blocks) {
        int top = blocks.size() - 1;
        while (!(blocks.get(top) instanceof RecurrentLayer.Stack)) {
            top--;
        }
        return top;
    }

    /** The two top layers as one computation, in the parts of the output below; null if the device has none. */
    private static @Nullable Head head(Model model, Memory memory, Block.Pass given) {
        Head.Shape shape = headShape(model, given.partRows());
        return shape == null ? null
                : ComposedOperations.of(model.device().operations())
                        .flatMap(each -> each.head(memory, shape, model.offset(model.blocks().size() - 2)))
                        .orElse(null);
    }

    /** The shape of the two top layers as a head; null if they do not form one. */
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

    /** A state of zeros in the given memory, for forward passes that continue from one another. */
    public NetworkState newState(Memory memory) {
        List<Rnn.@Nullable State> states = new ArrayList<>();
        try (Lease _ = model.device().lease()) {
            passes.forEach(pass -> states.add(pass.state(memory)));
        }
        return new NetworkState(states);
    }

    /**
     * The features of the batch, (B, F), which the caller writes before a forward pass. Throws
     * {@link IllegalStateException} if the model has no features.
     */
    public Matrix features() {
        if (conditioning == null) {
            throw new IllegalStateException("this model has no features");
        }
        return conditioning.features;
    }

    /** Begins sentences: sets the state to zeros, or to the model's projection of {@link #features}. */
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
     * Computes the logits of T x B ids, time-major. The state before the first step is overwritten by the state after
     * the last; with null, the pass starts anew as with {@link #begin} and keeps no state. Throws
     * {@link IllegalStateException} as {@link #logits} does.
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

    /** The initial state of a batch that starts anew; null for zeros. */
    private @Nullable NetworkState beginning() {
        if (first != null) {
            begin(first);
        }
        return first;
    }

    /**
     * The device's computation that draws and feeds back many symbols in one call, with a state as in {@link #forward};
     * empty if the device has none for these layers. Throws {@link IllegalStateException} if there is more than one
     * time step.
     */
    @SuppressWarnings("exports") // Only the tool's own sampling calls this method.
    public Optional<Sampling> sampling(Memory memory, NetworkState state) {
        Refuse.callIf(steps != 1, "a network of " + steps + " time steps; a symbol is one");
        List<Sampling.Layer> layers = new ArrayList<>();
        for (int i = 0; i < passes.size(); i++) {
            Sampling.Layer placed = passes.get(i).placed(state.of(i));
            if (placed == null) {
                return Optional.empty();
            }
            layers.add(placed);
        }
        return ComposedOperations.of(model.device().operations())
                .flatMap(each -> each.sampling(memory, layers, model.flatWeights(), logits()));
    }

    /**
     * The last layer's output after {@link #forward}: (T B, V), or (B, V) if the last step alone is predicted. Throws
     * {@link IllegalStateException} if the network is for training and the device computes the two top layers as one,
     * without logits in memory.
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

    /** Adds the loss of the last forward pass to the totals of {@link org.charlstm.device.Operations#crossEntropy}. */
    public void loss(Ints targets, Doubles totals) {
        try (Lease _ = model.device().lease()) {
            model.device().operations().crossEntropy(logits(), targets, null, null, totals);
        }
    }

    /**
     * Runs the forward and the backward pass. Adds the loss to the totals of
     * {@link org.charlstm.device.Operations#crossEntropy}, and overwrites the flat buffer with all gradients of the sum
     * of losses divided by the divisor.
     */
    public void train(Batch batch, Doubles totals, Matrix gradients) {
        train(batch, totals, gradients, null);
    }

    /**
     * The same, and reports gradients as soon as they are computed.
     *
     * @param computed receives, after each pass but the last, the index from which on all gradients are computed.
     *                 Gradients of a tied kernel may still change. With null nothing is reported, and more operations
     *                 can run side by side
     * @throws IllegalStateException if the model is conditioned and the batch has a state
     */
    public void train(Batch batch, Doubles totals, Matrix gradients, @Nullable IntConsumer computed) {
        Ints inputs = batch.inputs;
        if (batch.state != null && conditioning != null) {
            throw new IllegalStateException("a conditioned model learns from beginnings");
        }
        try (Lease _ = model.device().lease()) {
            NetworkState from = batch.state == null ? beginning() : batch.state;
            Doubles rows = divisor(batch);
            Matrix weights = model.flatWeights();
            for (int i = 0; i < passes.size() - 1; i++) {
                passes.get(i).forward(weights, input(inputs, i), from == null ? null : from.of(i));
            }
            Block.Pass last = passes.getLast();
            Rnn.State carried = from == null ? null : from.of(passes.size() - 1);
            last.forward(weights, input(inputs, passes.size() - 1), carried, part -> {
                if (head != null) {
                    head.run(weights, last.output, batch.targets, rows, last.outputGradient, part);
                }
            });
            if (head == null) {
                model.device().operations().crossEntropy(last.output, batch.targets, rows, last.outputGradient, totals);
            } else if (computed == null) {
                model.device().operations().beside(() -> head.finish(totals, gradients),
                        () -> backward(passes.size() - 1, batch, gradients));
            } else {
                head.finish(totals, gradients);
                computed.accept(model.offset(model.blocks().size() - 2));
            }
            // The highest pass has already run beside the head's sums.
            for (int i = passes.size() - (head != null && computed == null ? 2 : 1); i >= 0; i--) {
                backward(i, batch, gradients);
                if (i > 0 && computed != null) {
                    computed.accept(firstComputed.get(i));
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

    private void backward(int i, Batch batch, Matrix gradients) {
        passes.get(i).backward(model.flatWeights(), input(batch.inputs, i),
                i == 0 ? null : passes.get(i - 1).outputGradient, firstGradient == null ? null : firstGradient.of(i),
                gradients);
    }

    private Doubles divisor(Batch batch) {
        return batch.divisor == null ? Objects.requireNonNull(count, "made for training") : batch.divisor;
    }

    /**
     * The mean loss of each sequence of the batch that was last trained on, for text without padding: B means in nats.
     * Without a head, the losses are computed from the gradient of the logits, which at the target is (p - 1) /
     * divisor. Empty if the device's head keeps no losses.
     */
    public Optional<double[]> losses(Batch batch) {
        double[] losses = new double[batch.targets.length() / steps];
        if (head != null) {
            float[] rows = head.losses();
            for (int i = 0; i < rows.length; i++) {
                losses[i % losses.length] += rows[i] / steps;
            }
            return rows.length == 0 ? Optional.empty() : Optional.of(losses);
        }
        Matrix gradient = passes.getLast().outputGradient;
        double rows = divisor(batch).read()[0];
        double[] values = gradient.read();
        int[] ids = batch.targets.read();
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
