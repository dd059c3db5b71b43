package org.charlstm.train;

import module java.base;
import org.charlstm.device.Doubles;
import org.charlstm.device.Dropout;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Optimiser;
import org.charlstm.nn.Prediction;
import org.charlstm.rank.AllReduce;
import org.jspecify.annotations.Nullable;

/** An epoch's updates, captured once for each shape of their batches, and the sums on the device. */
final class RecordedSteps {
    /** The most logits that {@link #losses} reads: more would cost time and heap. */
    private static final int MOST_READ = 1 << 22;

    private final Model model;
    private final TrainingOptions options;
    private final Memory memory;
    private final ResidentCorpus corpus;
    private final Optimiser optimiser;
    private final int updates;
    /** Sums gradients over all ranks; null with one rank. */
    private final @Nullable AllReduce ranks;
    /** Sums the gradients of a batch during its backward pass; null with one rank, or if sums cannot be captured. */
    private final @Nullable PartialSums early;
    private final Matrix gradients;
    /** The gradients of a batch without rows; null until needed. */
    private @Nullable Matrix zeros;
    /** The accumulated gradients of several batches; null if each update has one batch. */
    private final @Nullable Matrix sum;
    private final Doubles totals;
    private final Network.MaskSeed masks;
    /** The norms of the gradients in this epoch, as {@link Operations#clip} keeps them. */
    private final Doubles norms;
    /** The number of counted steps in each update of the epoch; null if all steps of a batch count. */
    private final @Nullable Doubles counts;
    private final Doubles count;
    /** The state that streams carry from batch to batch; null if each batch starts anew. */
    private @Nullable NetworkState carried;
    /** Updates by the shapes of their batches. */
    private final Map<List<Shape>, Runnable> updatesByShapes = new HashMap<>();
    private final Map<Addend, Runnable> addends = new HashMap<>();
    private final Map<Shape, Pass> passes = new HashMap<>();
    /** For each flat buffer of gradients, the work that changes the weights by it. */
    private final IdentityHashMap<Matrix, Runnable> changes = new IdentityHashMap<>();

    /** A rank's rows and the time steps of a batch, and the place of these rows in the batch of all ranks. */
    private record Shape(int rows, int steps, int whole, int first) {
        static Shape of(EpochPlan.Batch batch) {
            return new Shape(batch.rows(), batch.steps(), batch.whole(), batch.first());
        }
    }

    /** A batch whose gradients, times a share, are added to its update's gradients; the first batch overwrites them. */
    private record Addend(Shape batch, double share, boolean first) {
    }

    /** The buffers and the network that compute the gradients of a batch. */
    private record Pass(Ints inputs, Ints targets, int rows, Network network) {
    }

    /** An object without captured steps. The caller closes the memory. A null {@code over} means a single rank. */
    RecordedSteps(Model model, TrainingOptions options, Memory memory, ResidentCorpus corpus, Optimiser optimiser,
            PartialSums.@Nullable Over over) {
        ranks = over == null ? null : over.ranks();
        this.model = model;
        this.options = options;
        this.memory = memory;
        this.corpus = corpus;
        this.optimiser = optimiser;
        updates = options.updates(corpus.rows());
        gradients = model.flatBuffer(memory.forPurpose("gradients"));
        early = over == null || !over.ranks().recordable() ? null : new PartialSums(over, model, gradients);
        sum = options.accumulate() > 1 && corpus.rows() > options.batchSize()
                ? model.flatBuffer(memory.forPurpose("gradients")) : null;
        totals = memory.doubles(Operations.TOTALS);
        masks = new Network.MaskSeed(options.seed(), memory.ints(1));
        norms = memory.doubles(4);
        counts = options.padding() == PaddingMode.LAB && ranks == null ? null : memory.doubles(updates);
        count = memory.doubles(1);
    }

    /** Makes all steps that are captured from now on carry a state, at first zeros. All batches must have one shape. */
    NetworkState carry(EpochPlan.Batch batch) {
        NetworkState state = pass(Shape.of(batch)).network.newState(memory.forPurpose("activations"));
        carried = state;
        return state;
    }

    /** An update, captured if its shapes are new: as a whole for one batch, else batch by batch. */
    Runnable of(List<EpochPlan.Batch> update) {
        List<Shape> shapes = update.stream().map(Shape::of).toList();
        Runnable known = updatesByShapes.get(shapes);
        return known == null ? newUpdate(shapes) : known;
    }

    private Runnable newUpdate(List<Shape> batches) {
        Runnable update;
        if (sum == null || batches.size() == 1) {
            Runnable gradient = gradient(batches.getFirst(), early == null ? null : early::computed);
            update = ranks == null || ranks.recordable() ? model.device().capture(memory, () -> {
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
                // If losses, and so gradients, are divided by the count of the whole update, the share is 1.
                each.add(addend(sum,
                        new Addend(batch, counts == null ? (double) batch.rows / rows : 1, each.isEmpty())));
            }
            each.add(changes(sum));
            update = inTurn(each);
        }
        updatesByShapes.put(batches, update);
        return update;
    }

    private static Runnable inTurn(List<Runnable> each) {
        return () -> each.forEach(Runnable::run);
    }

    private Runnable addend(Matrix total, Addend addend) {
        return addends.computeIfAbsent(addend, its -> {
            Runnable gradient = gradient(its.batch, null);
            return model.device().capture(memory, () -> {
                if (its.first) {
                    count();
                }
                gradient.run();
                model.device().operations().accumulate(total, its.first, gradients, its.share);
            });
        });
    }

    /** Sums gradients over all ranks and changes the weights by them. */
    private Runnable changes(Matrix by) {
        return changes.computeIfAbsent(by,
                its -> ranks == null || ranks.recordable() ? model.device().capture(memory, () -> {
                    if (ranks != null) {
                        ranks.sum(its);
                    }
                    update(its);
                }) : inTurn(List.of(() -> ranks.sum(its), model.device().capture(memory, () -> update(its)))));
    }

    /** Computes the gradients of the next rows (zeros for no rows), and reports as {@link Network#train} does. */
    private Runnable gradient(Shape shape, @Nullable IntConsumer computed) {
        if (shape.rows > 0) {
            Pass pass = pass(shape);
            return () -> {
                corpus.next(pass.inputs, pass.targets, pass.rows, options.padding().onDevice(), pass.network,
                        () -> pass.network.train(batch(pass), totals, gradients, computed));
            };
        }
        Matrix nothing = zeros == null ? model.flatBuffer(memory.forPurpose("gradients")) : zeros;
        zeros = nothing;
        return () -> {
            model.device().operations().accumulate(gradients, true, nothing, 1);
            model.device().operations().add(masks.batch(), 1);
        };
    }

    private Pass pass(Shape shape) {
        return passes.computeIfAbsent(shape, its -> {
            Memory activations = memory.forPurpose("activations");
            Network.MaskSeed own =
                    new Network.MaskSeed(masks.seed(), masks.batch(), new Dropout.Rows(its.rows, its.whole, its.first));
            return new Pass(corpus.batch(activations, its.rows, its.steps),
                    corpus.batch(activations, its.rows, model.config().prediction().steps(its.steps)), its.rows,
                    new Network(model, activations, its.steps, its.rows, own));
        });
    }

    private Network.Batch batch(Pass pass) {
        return new Network.Batch(pass.inputs, pass.targets, carried, counts == null ? null : count);
    }

    private void count() {
        if (counts != null) {
            model.device().operations().pick(counts, optimiser.updates(), count);
        }
    }

    private void update(Matrix by) {
        Operations operations = model.device().operations();
        Runnable measures = () -> operations.clip(by, options.clipNorm(), options.clipValue(), norms);
        if (Double.isInfinite(options.clipNorm()) && Double.isInfinite(options.clipValue())) {
            operations.beside(measures, () -> optimiser.update(by));
        } else {
            measures.run();
            optimiser.update(by);
        }
    }

    /** Moves to the place in an epoch after {@code taken} updates, with the given {@link #totals} and batch number. */
    void begin(EpochPlan plan, int taken, double[] sums, int batch) {
        if (counts != null) {
            double[] counted = plan.updates().stream()
                    .mapToDouble(update -> update.stream().mapToLong(this::counted).sum()).toArray();
            // The optimiser counts its updates from this place.
            counts.write(Arrays.copyOf(Arrays.copyOfRange(counted, Math.min(taken, updates - 1), updates), updates));
        }
        totals.write(sums);
        masks.batch().write(new int[] {batch});
        norms.write(new double[] {0, 0, taken, 0});
    }

    /** The number of counted steps of a batch, over the rows of all ranks. */
    private long counted(EpochPlan.Batch batch) {
        return options.padding() == PaddingMode.LAB || model.config().prediction() == Prediction.LAST
                ? (long) batch.whole() * model.config().prediction().steps(batch.steps()) : batch.real();
    }

    /** The loss of each stream in the last batch; empty if the device keeps no losses, or if the batch is too large. */
    Optional<double[]> losses(EpochPlan.Batch batch) {
        Pass pass = pass(Shape.of(batch));
        return (long) batch.rows() * batch.steps() * model.config().symbols() > MOST_READ ? Optional.empty()
                : pass.network.losses(batch(pass));
    }

    /** The losses of this epoch, as {@link Operations#crossEntropy} sums them. Waits for the device. */
    double[] totals() {
        return totals.read();
    }

    /** The norms of this epoch's gradients, as {@link Operations#clip} keeps them. Waits for the device. */
    double[] norms() {
        return norms.read();
    }
}
