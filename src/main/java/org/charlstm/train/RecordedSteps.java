package org.charlstm.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.charlstm.device.Doubles;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.nn.Draws;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Optimiser;
import org.charlstm.nn.Prediction;
import org.charlstm.rank.RankSum;
import org.jspecify.annotations.Nullable;

/**
 * The updates of an epoch as the device has recorded them, one for each shape of what they take, and what they add up
 * in its memory.
 */
final class RecordedSteps {
    /** Of logits: more would be felt in an epoch's time and in the heap. */
    private static final int MOST_READ = 1 << 22;

    private final Model model;
    private final TrainingOptions options;
    private final Memory memory;
    private final ResidentCorpus corpus;
    private final Optimiser optimiser;
    private final int updates;
    /** What adds up gradients over all ranks; null for a process by itself. */
    private final @Nullable RankSum ranks;
    /** The same of the gradients of one batch, where it is recorded; else null. */
    private final @Nullable PartialSums early;
    private final Matrix gradients;
    /** Gradients of no row; null until somebody asks. */
    private @Nullable Matrix zeros;
    /** Of several batches; null where each update is of one. */
    private final @Nullable Matrix sum;
    private final Doubles totals;
    private final Draws draws;
    /** Of the gradients in this epoch, as the operation that clips them has it. */
    private final Doubles norms;
    /** By what the losses of each update of the epoch are divided to be their mean; null where that is a batch's. */
    private final @Nullable Doubles counts;
    private final Doubles count;
    /** What each stream carries on; null where each batch begins anew. */
    private @Nullable NetworkState carried;
    /** By the batches of an update. */
    private final Map<List<Shape>, Runnable> steps = new HashMap<>();
    private final Map<Part, Runnable> parts = new HashMap<>();
    private final Map<Shape, Pass> passes = new HashMap<>();
    /** What changes the weights by a flat buffer of gradients. */
    private final IdentityHashMap<Matrix, Runnable> changes = new IdentityHashMap<>();

    /** Rows and time steps of a batch, and which rows they are of that of all ranks. */
    private record Shape(int rows, int steps, int whole, int first) {
        static Shape of(EpochPlan.Batch batch) {
            return new Shape(batch.rows(), batch.steps(), batch.whole(), batch.first());
        }
    }

    /** A batch of an update, its share of that, and whether it is the first of them. */
    private record Part(Shape batch, double share, boolean first) {
    }

    /** What computes the gradients of the next batch. */
    private record Pass(Ints inputs, Ints targets, int rows, Network network) {
    }

    /**
     * Without any step yet.
     *
     * @param memory    for all that they need, which its owner closes
     * @param corpus    whose next rows they take
     * @param ranks     what adds up gradients over all ranks; null for a process by itself
     * @param leastPart bytes of gradients that are worth a sum by themselves, as {@link PartialSums} has it
     */
    RecordedSteps(Model model, TrainingOptions options, Memory memory, ResidentCorpus corpus, Optimiser optimiser,
            int updates, @Nullable RankSum ranks, long leastPart) {
        this.ranks = ranks;
        this.model = model;
        this.options = options;
        this.memory = memory;
        this.corpus = corpus;
        this.optimiser = optimiser;
        this.updates = updates;
        gradients = model.flatBuffer(memory.forPurpose("gradients"));
        early = ranks == null || !ranks.recordable() ? null : new PartialSums(ranks, model, gradients, leastPart);
        sum = options.accumulate() > 1 && corpus.rows() > options.batchSize()
                ? model.flatBuffer(memory.forPurpose("gradients")) : null;
        totals = memory.doubles(Operations.TOTALS);
        draws = new Draws(options.seed(), memory.ints(1));
        norms = memory.doubles(4);
        counts = options.padding() == PaddingMode.LAB && ranks == null ? null : memory.doubles(updates);
        count = memory.doubles(1);
    }

    /**
     * Has the steps that are recorded from here on carry a state from batch to batch.
     *
     * @param batch of a shape that all have
     * @return the state, of zeros
     */
    NetworkState carry(EpochPlan.Batch batch) {
        NetworkState state = pass(Shape.of(batch)).network.newState(memory.forPurpose("activations"));
        carried = state;
        return state;
    }

    /**
     * An update, recorded if none of its shape was: of one batch as a whole, of several one by one and then what
     * changes the weights by their sum.
     */
    Runnable of(List<EpochPlan.Batch> update) {
        List<Shape> shapes = update.stream().map(Shape::of).toList();
        Runnable known = steps.get(shapes);
        return known == null ? newStep(shapes) : known;
    }

    private Runnable newStep(List<Shape> batches) {
        Runnable step;
        if (sum == null || batches.size() == 1) {
            Runnable gradient = gradient(batches.getFirst(), early == null ? from -> {} : early::computed);
            step = ranks == null || ranks.recordable() ? model.device().capture(memory, () -> {
                count();
                if (early == null) {
                    gradient.run();
                } else {
                    early.begin();
                    gradient.run();
                    early.finish();
                }
                update(gradients);
            }) : inTurn(List.of(model.device().capture(memory, () -> {
                count();
                gradient.run();
            }), changes(gradients)));
        } else {
            List<Runnable> each = new ArrayList<>();
            int rows = batches.stream().mapToInt(Shape::rows).sum();
            for (Shape batch : batches) {
                // Where losses are divided by what the whole update counts, so are the gradients.
                each.add(part(sum, new Part(batch, counts == null ? (double) batch.rows / rows : 1, each.isEmpty())));
            }
            each.add(changes(sum));
            step = inTurn(each);
        }
        steps.put(batches, step);
        return step;
    }

    private static Runnable inTurn(List<Runnable> parts) {
        return () -> parts.forEach(Runnable::run);
    }

    private Runnable part(Matrix total, Part part) {
        return parts.computeIfAbsent(part, its -> {
            Runnable gradient = gradient(its.batch, from -> {});
            return model.device().capture(memory, () -> {
                if (its.first) {
                    count();
                }
                gradient.run();
                model.device().operations().accumulate(total, its.first, gradients, its.share);
            });
        });
    }

    /** What adds up gradients over all ranks and changes the weights by them. */
    private Runnable changes(Matrix by) {
        return changes.computeIfAbsent(by, its -> ranks == null || ranks.recordable()
                ? model.device().capture(memory, () -> change(its))
                : inTurn(List.of(() -> ranks.sum(its), model.device().capture(memory, () -> update(its)))));
    }

    /** The same as operations of the device. */
    private void change(Matrix by) {
        if (ranks != null) {
            ranks.sum(by);
        }
        update(by);
    }

    /** What leaves the gradients of the next rows, or of none, and tells of those as they come to be there. */
    private Runnable gradient(Shape shape, IntConsumer told) {
        if (shape.rows > 0) {
            Pass pass = pass(shape);
            return () -> run(pass, told);
        }
        Matrix nothing = zeros == null ? model.flatBuffer(memory.forPurpose("gradients")) : zeros;
        zeros = nothing;
        return () -> {
            model.device().operations().accumulate(gradients, true, nothing, 1);
            model.device().operations().add(draws.batch(), 1);
        };
    }

    private Pass pass(Shape shape) {
        return passes.computeIfAbsent(shape, its -> {
            Memory activations = memory.forPurpose("activations");
            Draws own = new Draws(draws.seed(), draws.batch(), new Dropout.Rows(its.rows, its.whole, its.first));
            return new Pass(corpus.batch(activations, its.rows, its.steps),
                    corpus.batch(activations, its.rows, model.config().prediction().steps(its.steps)), its.rows,
                    new Network(model, activations, its.steps, its.rows, own));
        });
    }

    /** Takes what this update counts. */
    private void count() {
        if (counts != null) {
            model.device().operations().pick(counts, optimiser.updates(), count);
        }
    }

    private void run(Pass pass, IntConsumer told) {
        corpus.next(pass.inputs, pass.targets, pass.rows,
                options.padding() == PaddingMode.LAB ? Padding.COUNTED : Padding.LEFT_OUT, pass.network);
        pass.network.train(pass.inputs, pass.targets, carried, counts == null ? null : count, totals, gradients,
                told);
    }

    private void update(Matrix by) {
        model.device().operations().clip(by, options.clipNorm(), options.clipValue(), norms);
        optimiser.update(by);
    }

    /**
     * Has what is run next be of an epoch.
     *
     * @param plan  this process's of the epoch
     * @param sums  as {@link #totals} were after those
     * @param batch the number of the next, over all epochs
     */
    void begin(EpochPlan plan, int taken, double[] sums, int batch) {
        if (counts != null) {
            double[] counted = plan.updates().stream()
                    .mapToDouble(update -> update.stream().mapToLong(this::counted).sum()).toArray();
            // The optimiser counts from here on.
            counts.write(Arrays.copyOf(Arrays.copyOfRange(counted, Math.min(taken, updates - 1), updates), updates));
        }
        totals.write(sums);
        draws.batch().write(new int[] {batch});
        norms.write(new double[] {0, 0, taken, 0});
    }

    /** Steps whose losses count, over the rows of all ranks. */
    private long counted(EpochPlan.Batch batch) {
        return options.padding() == PaddingMode.LAB || model.config().prediction() == Prediction.LAST
                ? (long) batch.whole() * model.config().prediction().steps(batch.steps()) : batch.real();
    }

    /** The loss of each stream in the last batch of this shape; empty if the device keeps none, or it is too large. */
    Optional<double[]> losses(EpochPlan.Batch batch) {
        Pass pass = pass(Shape.of(batch));
        return (long) batch.rows() * batch.steps() * model.config().symbols() > MOST_READ ? Optional.empty()
                : pass.network.losses(pass.targets, counts == null ? null : count);
    }

    /** Waits for the device: what the losses of this epoch have come to, as {@link Operations#crossEntropy} has it. */
    double[] totals() {
        return totals.read();
    }

    /** Waits for the device: what the gradients of this epoch were, as {@link Operations#clip} has it. */
    double[] norms() {
        return norms.read();
    }
}
