package org.charlstm.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Lease;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.nn.Draws;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.Optimiser;
import org.charlstm.nn.Weights;
import org.charlstm.random.Purpose;
import org.charlstm.random.RandomStream;
import org.charlstm.text.Corpus;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on a corpus, epoch by epoch. Everything that a step needs is in device memory before it starts: a step
 * takes no value from the host and gives none back. One thread at a time uses it, as it does the device; a call while
 * another thread's is under way, or after it is closed, is an {@link IllegalStateException} that says so.
 */
public final class Trainer implements AutoCloseable {
    /** How long a loss that leads nowhere may go on unseen. */
    private static final long WATCH_NANOS = 1_000_000_000;
    /** A loss so many times that of a model that knows nothing, ln V, comes down to nothing any more. */
    private static final double FAR = 10;

    private final Model model;
    private final TrainingOptions options;
    private final Memory memory;
    private final ResidentCorpus corpus;
    private final Optimiser optimiser;
    private final Matrix gradients;
    private final Doubles totals;
    private final Draws draws;
    /** Of the gradients in this epoch, as the operation that clips them has it. */
    private final Doubles norms;
    /** Of several batches; null where each update is of one. */
    private final @Nullable Matrix sum;
    /** Rows that an update takes, but for the last of an epoch, and how many updates that is. */
    private final int group;
    private final int updates;
    /** By the rows of an update. */
    private final Map<Integer, Runnable> steps = new HashMap<>();
    private final Map<Part, Runnable> parts = new HashMap<>();
    /** By the rows of a batch. */
    private final Map<Integer, Pass> passes = new HashMap<>();
    /** The epoch that is under way or was the last, how many of its rows were seen, and how long that took. */
    private int epoch;
    private int done;
    private double seconds;
    private Schedule.Course course = Schedule.Course.BEGIN;
    private volatile boolean closed;

    /** A batch of an update of so many rows, and whether it is the first of them. */
    private record Part(int batch, int rows, boolean first) {
    }

    /** What computes the gradients of the next batch. */
    private record Pass(Ints inputs, Ints targets, Network network) {
    }

    /**
     * A trainer that has not begun.
     *
     * @param model   the model, whose weights it changes
     * @param corpus  what to learn, with as many symbols as the model
     * @param options how
     */
    public Trainer(Model model, Corpus corpus, TrainingOptions options) {
        if (corpus.vocabulary().size() != model.config().symbols()) {
            throw new IllegalArgumentException("a corpus of " + corpus.vocabulary().size()
                    + " symbols for a model of " + model.config().symbols());
        }
        this.model = model;
        this.options = options;
        Device device = model.device();
        group = options.rowsOfUpdate(corpus.rows());
        updates = Math.ceilDiv(corpus.rows(), group);
        memory = device.memory();
        try (Lease _ = device.lease()) {
            this.corpus = new ResidentCorpus(device, memory.forPurpose("corpus"), corpus);
            optimiser = new Optimiser(model, memory, options.rule(), updates);
            gradients = model.flatBuffer(memory.forPurpose("gradients"));
            sum = group > options.batchSize() ? model.flatBuffer(memory.forPurpose("gradients")) : null;
            totals = memory.doubles(Operations.TOTALS);
            draws = new Draws(options.seed(), memory.ints(1));
            norms = memory.doubles(4);
            step(group);
            if (corpus.rows() % group != 0) {
                step(corpus.rows() % group);
            }
        } catch (RuntimeException | Error e) {
            // Whoever tries a smaller batch has the memory for it.
            try {
                memory.close();
            } catch (RuntimeException unclosed) {
                e.addSuppressed(unclosed);
            }
            throw e;
        }
    }

    private Lease lease() {
        if (closed) {
            throw new IllegalStateException("this trainer is closed");
        }
        return model.device().lease();
    }

    /** An update: of one batch as a whole, of several one by one and then what changes the weights by their sum. */
    private Runnable step(int rows) {
        Runnable known = steps.get(rows);
        return known == null ? newStep(rows) : known;
    }

    private Runnable newStep(int rows) {
        Runnable step;
        if (sum == null || rows <= options.batchSize()) {
            Pass pass = pass(rows);
            step = model.device().capture(memory, () -> {
                run(pass, rows);
                update(gradients);
            });
        } else {
            List<Runnable> each = new ArrayList<>();
            for (int row = 0; row < rows; row += options.batchSize()) {
                each.add(part(sum, new Part(Math.min(options.batchSize(), rows - row), rows, row == 0)));
            }
            each.add(parts.computeIfAbsent(new Part(0, 0, false),
                    last -> model.device().capture(memory, () -> update(sum))));
            step = () -> each.forEach(Runnable::run);
        }
        steps.put(rows, step);
        return step;
    }

    private Runnable part(Matrix total, Part part) {
        return parts.computeIfAbsent(part, its -> {
            Pass pass = pass(its.batch);
            return model.device().capture(memory, () -> {
                run(pass, its.batch);
                model.device().operations().accumulate(total, its.first, gradients, (double) its.batch / its.rows);
            });
        });
    }

    private Pass pass(int batch) {
        return passes.computeIfAbsent(batch, rows -> {
            Memory activations = memory.forPurpose("activations");
            return new Pass(corpus.batch(activations, rows), corpus.batch(activations, rows),
                    new Network(model, activations, corpus.steps(), rows, draws));
        });
    }

    private void run(Pass pass, int batch) {
        corpus.next(pass.inputs, pass.targets, batch);
        pass.network.train(pass.inputs, pass.targets, totals, gradients);
    }

    private void update(Matrix by) {
        model.device().operations().clip(by, options.clipNorm(), options.clipValue(), norms);
        optimiser.update(by);
    }

    /**
     * Runs the next epoch, or what is left of one that its listener ended early.
     *
     * @param listener follows it and may end it after any step
     * @return its figures, or null if the listener ended it early; all completed steps count either way
     * @throws DivergenceException if training diverged
     */
    public @Nullable Figures epoch(EpochListener listener) {
        try (Lease _ = lease()) {
            return steps(listener);
        }
    }

    private @Nullable Figures steps(EpochListener listener) {
        long start = System.nanoTime();
        if (isWhole()) {
            epoch++;
            begin(0, new double[Operations.TOTALS]);
            seconds = 0;
        }
        double before = seconds;
        long watched = start;
        int rows = corpus.rows();
        while (done < rows) {
            int next = Math.min(group, rows - done);
            step(next).run();
            done += next;
            if (!listener.step(done, rows, this::loss) && done < rows) {
                seconds = before + (System.nanoTime() - start) * 1e-9;
                requireConverging(false);
                return null;
            }
            if (System.nanoTime() - watched > WATCH_NANOS) {
                requireConverging(false);
                watched = System.nanoTime();
            }
        }
        loss();
        seconds = before + (System.nanoTime() - start) * 1e-9;
        return figures();
    }

    /** Whether no epoch is under way. */
    private boolean isWhole() {
        return epoch == 0 || done == corpus.rows();
    }

    private void begin(int rows, double[] sums) {
        done = rows;
        corpus.begin(order(), rows);
        int taken = Math.ceilDiv(rows, group);
        // Before the first epoch there are none; at the end of one, none that are left.
        long before = Math.max(0, epoch - 1) * (long) updates;
        optimiser.begin(before + taken, IntStream.range(taken, Math.max(updates, taken + 1))
                .mapToDouble(i -> rate(before + i)).toArray());
        totals.write(sums);
        draws.batch().write(new int[] {(int) (Math.max(0, epoch - 1) * (long) batches(corpus.rows()) + batches(rows))});
        norms.write(new double[] {0, 0, taken, 0});
    }

    private int batches(int rows) {
        return Math.ceilDiv(rows, options.batchSize());
    }

    /** Of an update, counted from 0 over all epochs. */
    private double rate(long update) {
        return options.rate(course, update, updates);
    }

    /**
     * Tells the schedule how good an epoch was, which must be whole and told once.
     *
     * @param loss that of validation where there is one, else the epoch's own
     */
    public void monitor(double loss) {
        course = options.schedule().next(course, loss);
    }

    /**
     * The rate of the last update, which must have been taken.
     *
     * @return what the schedule made of it, warm-up included
     */
    public double learningRate() {
        return rate((epoch - 1L) * updates + Math.ceilDiv(done, group) - 1);
    }

    /**
     * Where the schedule has come to.
     *
     * @return what it made of the losses that it was told
     */
    public Schedule.Course course() {
        return course;
    }

    /**
     * Waits for the device and looks at what it has summed up. Whether a loss is too far is judged where an epoch is
     * whole, and so at the same place whatever the machine's speed.
     */
    private void requireConverging(boolean whole) {
        double[] seen = norms.read();
        double loss = loss();
        boolean finite = seen[3] == 0;
        if (!finite || !Double.isFinite(loss)
                || (whole && loss > FAR * Math.log(Math.max(2, model.config().symbols())))) {
            throw new DivergenceException(String.format(Locale.ROOT,
                    "training diverged in step %.0f of epoch %d: %s; the largest norm of its gradients %swas %.3g",
                    finite ? seen[2] : seen[3], epoch,
                    finite ? String.format(Locale.ROOT, "the mean loss of the epoch is %.3g", loss)
                            : "the gradients are no longer finite",
                    finite ? "" : "before ", seen[1]),
                    Math.min(Math.clamp(seen[1] / 10, 0.1, 10), options.clipNorm() / 10));
        }
    }

    /**
     * The figures of the last epoch, which must be whole.
     *
     * @return what {@link #epoch} gave
     * @throws DivergenceException if training diverged
     */
    public Figures figures() {
        if (epoch == 0 || !isWhole()) {
            throw new IllegalStateException("no epoch is whole");
        }
        try (Lease _ = lease()) {
            requireConverging(true);
            double[] sums = totals.read();
            return Figures.of(epoch, loss(), sums[3] / sums[4], seconds,
                    (double) corpus.rows() * corpus.steps() / seconds);
        }
    }

    /**
     * Copies to the host what another trainer needs to go on from here.
     *
     * @return the state after the last step
     */
    public TrainingState state() {
        return copyState().get();
    }

    /**
     * Copies the same to the host as the device has it, which is quick.
     *
     * @return makes the state after the last step until now, on any thread
     */
    public Supplier<TrainingState> copyState() {
        try (Lease _ = lease()) {
            Supplier<Weights> weights = model.copyWeights();
            Supplier<Map<String, Weights>> states = optimiser.copyStates();
            double[] sums = totals.read();
            int rows = done;
            int at = epoch;
            double taken = seconds;
            Schedule.Course reached = course;
            return () -> new TrainingState(weights.get(), states.get(), at, rows, sums, taken, reached);
        }
    }

    /**
     * Goes on from where another trainer was, on this device or another, with the same corpus and options.
     *
     * @param state what that one had; its weights become the model's
     * @throws IllegalArgumentException if it does not fit the corpus or the update rule
     */
    public void restore(TrainingState state) {
        if (state.rows() > corpus.rows() || (state.rows() < corpus.rows() && state.rows() % group != 0)) {
            throw new IllegalArgumentException("a state after " + state.rows() + " rows for " + corpus.rows());
        }
        try (Lease _ = lease()) {
            optimiser.restore(state.states());
            model.write(state.weights());
            epoch = state.epoch();
            seconds = state.seconds();
            course = state.course();
            begin(state.rows(), state.totals());
        }
    }

    private double loss() {
        double[] sums = totals.read();
        return sums[0] / sums[2];
    }

    /** The rows in the order of this epoch: a function of the seed and the epoch alone. */
    private int[] order() {
        int[] order = new int[corpus.rows()];
        RandomStream random = new RandomStream(options.seed(), Purpose.SHUFFLE, epoch);
        for (int i = 0; i < order.length; i++) {
            int j = options.shuffle() ? random.below(i + 1) : i;
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /**
     * Frees activations, gradients and the corpus in device memory; the model stays.
     *
     * @throws IllegalStateException if another thread uses the device
     */
    @Override
    public void close() {
        memory.close();
        closed = true;
    }
}
