package org.charlstm.train;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.charlstm.device.Device;
import org.charlstm.device.Lease;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.nn.Model;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Optimiser;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
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
    private final Corpus text;
    private final ResidentCorpus corpus;
    private final Optimiser optimiser;
    private final RecordedSteps recorded;
    private final Buckets buckets;
    /** How many updates an epoch has. */
    private final int updates;
    /** The epoch that is under way or was the last, how many of its rows were seen, and how long that took. */
    private int epoch;
    private int done;
    /** Rows that an epoch takes. */
    private final int rows;
    /** What each stream carries on; null where each batch begins anew. */
    private final @Nullable NetworkState carried;
    private double seconds;
    private EpochPlan plan;
    private Schedule.Course course = Schedule.Course.BEGIN;
    private volatile boolean closed;

    /**
     * A trainer that has not begun.
     *
     * @param model   the model, whose weights it changes
     * @param corpus  what to learn, with as many symbols as the model
     * @param options how
     * @throws IllegalArgumentException if the corpus has other symbols, or a model that predicts the last step alone is
     *                                  to learn captions or streams
     */
    public Trainer(Model model, Corpus corpus, TrainingOptions options) {
        if (corpus.vocabulary().size() != model.config().symbols()) {
            throw new IllegalArgumentException("a corpus of " + corpus.vocabulary().size()
                    + " symbols for a model of " + model.config().symbols());
        }
        corpus.requireFeatures(model.config().features());
        if (model.config().prediction() == Prediction.LAST && (corpus.vocabulary().hasMarkers() || options.streams())) {
            throw new IllegalArgumentException("a model that predicts the last step alone learns windows of running "
                    + "text, each from a state of zeros, neither captions nor streams");
        }
        this.model = model;
        this.options = options;
        Device device = model.device();
        text = corpus;
        buckets = Buckets.of(corpus, options.padding());
        plan = EpochPlan.of(corpus, options, buckets, 1);
        updates = plan.updates().size();
        rows = plan.rows();
        memory = device.memory();
        try (Lease _ = device.lease()) {
            this.corpus = new ResidentCorpus(device, memory.forPurpose("corpus"), corpus);
            optimiser = new Optimiser(model, memory, options.rule(), updates);
            recorded = new RecordedSteps(model, options, memory, this.corpus, optimiser, updates);
            EpochPlan.Batch first = plan.updates().getFirst().getFirst();
            carried = options.streams() ? recorded.carry(first) : null;
            plan.updates().forEach(recorded::of);
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

    /**
     * Whether training can be between two updates, or at an end, after so many rows of an epoch.
     *
     * @param corpus  what is learned
     * @param options how
     * @param epoch   from 1, or 0 before the first
     * @param rows    from 0
     * @return false in the midst of an update
     */
    public static boolean isBetweenUpdates(Corpus corpus, TrainingOptions options, int epoch, int rows) {
        return EpochPlan.of(corpus, options, Buckets.of(corpus, options.padding()), Math.max(1, epoch))
                .updatesAfter(rows) >= 0;
    }

    /**
     * Of how many time steps an epoch's batches are.
     *
     * @param corpus  what is learned
     * @param options how
     * @return each number of steps with how many steps are computed in batches of it, padding included
     */
    public static SortedMap<Integer, Long> stepsOfBatches(Corpus corpus, TrainingOptions options) {
        SortedMap<Integer, Long> steps = new TreeMap<>();
        EpochPlan.of(corpus, options, Buckets.of(corpus, options.padding()), 1).updates().stream()
                .flatMap(List::stream)
                .forEach(batch -> steps.merge(batch.steps(), (long) batch.rows() * batch.steps(), Long::sum));
        return steps;
    }

    /**
     * How many rows an epoch takes.
     *
     * @param corpus  what is learned
     * @param options how
     * @return all, but for those that streams leave
     */
    public static int rowsOfEpoch(Corpus corpus, TrainingOptions options) {
        int rows = corpus.rows();
        return options.streams() ? rows - rows % Math.min(rows, options.batchSize()) : rows;
    }

    private Lease lease() {
        if (closed) {
            throw new IllegalStateException("this trainer is closed");
        }
        return model.device().lease();
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
            if (carried != null) {
                carried.reset();
            }
            seconds = 0;
        }
        double before = seconds;
        long watched = start;
        int rows = this.rows;
        for (List<EpochPlan.Batch> update : plan.updates().subList(plan.updatesAfter(done), updates)) {
            recorded.of(update).run();
            done += EpochPlan.rows(update);
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
        return epoch == 0 || done == rows;
    }

    private void begin(int seen, double[] sums) {
        done = seen;
        plan = EpochPlan.of(text, options, buckets, Math.max(1, epoch));
        corpus.begin(plan.order(), seen);
        int taken = plan.updatesAfter(seen);
        // Before the first epoch there are none; at the end of one, none that are left.
        long before = Math.max(0, epoch - 1) * (long) updates;
        optimiser.begin(before + taken, IntStream.range(taken, Math.max(updates, taken + 1))
                .mapToDouble(i -> rate(before + i)).toArray());
        recorded.begin(plan, taken, sums,
                (int) (Math.max(0, epoch - 1) * (long) batches(rows) + batches(seen)));
    }

    private int batches(int of) {
        return Math.ceilDiv(of, options.batchSize());
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
        return rate((epoch - 1L) * updates + plan.updatesAfter(done) - 1);
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
        double[] seen = recorded.norms();
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
            double[] sums = recorded.totals();
            return Figures.of(epoch, loss(), sums[3] / sums[4], seconds, plan.steps() / seconds);
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
            double[] sums = recorded.totals();
            int seen = done;
            int at = epoch;
            double taken = seconds;
            Schedule.Course reached = course;
            List<Tensor> state = carried == null ? List.of() : carried.read();
            return () -> new TrainingState(weights.get(), states.get(), at, seen, sums, taken, reached, state);
        }
    }

    /**
     * Goes on from where another trainer was, on this device or another, with the same corpus and options.
     *
     * @param state what that one had; its weights become the model's
     * @throws IllegalArgumentException if it does not fit the corpus or the update rule
     */
    public void restore(TrainingState state) {
        if (!isBetweenUpdates(text, options, state.epoch(), state.rows())) {
            throw new IllegalArgumentException("a state after " + state.rows() + " rows for " + corpus.rows());
        }
        try (Lease _ = lease()) {
            optimiser.restore(state.states());
            model.write(state.weights());
            epoch = state.epoch();
            seconds = state.seconds();
            course = state.course();
            begin(state.rows(), state.totals());
            if (carried != null && state.rows() < rows && epoch > 0) {
                carried.write(state.carried());
            }
        }
    }

    private double loss() {
        double[] sums = recorded.totals();
        return sums[0] / sums[2];
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
