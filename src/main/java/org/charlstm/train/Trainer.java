package org.charlstm.train;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
import org.charlstm.rank.Collective;
import org.charlstm.rank.RankSum;
import org.charlstm.rank.Ranks;
import org.charlstm.text.Corpus;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on a corpus, epoch by epoch. Everything that a step needs is in device memory before it starts: a step
 * takes no value from the host and gives none back. One thread at a time uses it, as it does the device; a call while
 * another thread's is under way, or after it is closed, is an {@link IllegalStateException} that says so.
 *
 * <p>Several processes train one model where each has a trainer of the same model, corpus and options: each takes its
 * share of every batch, gradients are summed over all before an update, and so the weights are the same in all. All of
 * them call {@link #epoch} together, and {@link #restore} with the same state; rows are counted over all.
 */
public final class Trainer implements AutoCloseable {
    /** How long a loss that leads nowhere may go on unseen. */
    private static final long WATCH_NANOS = 1_000_000_000;
    /** A loss so many times that of a model that knows nothing, ln V, comes down to nothing any more. */
    private static final double FAR = 10;
    private static final double[] NONE = {};

    private final Model model;
    private final TrainingOptions options;
    private final Memory memory;
    private final Collective ranks;
    /** Null for a process by itself. */
    private final @Nullable RankSum sum;
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
    /** Of all ranks, and what of it this one takes. */
    private EpochPlan plan;
    private EpochPlan share;
    /** The summed losses of each rank when the last steps ended, one rank after the other. */
    private double[] totalsOfRanks = new double[Operations.TOTALS];
    /** Their sums. */
    private double[] totals = totalsOfRanks;
    /** What the streams of all ranks carried then; none where an epoch was whole. */
    private List<Tensor> carriedByAll = List.of();
    private double[] streamLosses = NONE;
    private Schedule.Course course = Schedule.Course.BEGIN;
    private volatile boolean closed;

    /**
     * A trainer that has not begun.
     *
     * @param model   the model, whose weights it changes
     * @param corpus  what to learn, with as many symbols as the model
     * @throws IllegalArgumentException if the corpus has other symbols, or a model that predicts the last step alone is
     *                                  to learn captions or streams
     */
    public Trainer(Model model, Corpus corpus, TrainingOptions options) {
        this(model, corpus, options, Collective.single());
    }

    /**
     * One of several that train together. It has not begun.
     *
     * @param model   the model, whose weights it changes
     * @param corpus  what all learn, with as many symbols as the model
     * @param options how; a batch is that of all together
     * @param ranks   this process among them, which must outlive the trainer
     * @throws IllegalArgumentException as for one by itself, or if a batch has fewer rows than there are ranks
     */
    public Trainer(Model model, Corpus corpus, TrainingOptions options, Collective ranks) {
        this(model, corpus, options, ranks, PartialSums.LEAST_BYTES);
    }

    /** The same with sums over ranks of other parts of the gradients. */
    Trainer(Model model, Corpus corpus, TrainingOptions options, Collective ranks, long leastPart) {
        if (corpus.vocabulary().size() != model.config().symbols()) {
            throw new IllegalArgumentException("a corpus of " + corpus.vocabulary().size()
                    + " symbols for a model of " + model.config().symbols());
        }
        corpus.requireFeatures(model.config().features());
        if (model.config().prediction() == Prediction.LAST && (corpus.vocabulary().hasMarkers() || options.streams())) {
            throw new IllegalArgumentException("a model that predicts the last step alone learns windows of running "
                    + "text, each from a state of zeros, neither captions nor streams");
        }
        if (Math.min(options.batchSize(), corpus.rows()) < ranks.size()) {
            throw new IllegalArgumentException("a batch of " + Math.min(options.batchSize(), corpus.rows())
                    + " rows for " + ranks.size() + " ranks; each needs one");
        }
        this.model = model;
        this.options = options;
        this.ranks = ranks;
        Device device = model.device();
        text = corpus;
        buckets = Buckets.of(corpus, options.padding());
        plan = EpochPlan.of(corpus, options, buckets, 1);
        updates = plan.updates().size();
        rows = plan.rows();
        share = plan.share(ranks.rank(), ranks.size());
        memory = device.memory();
        RankSum joined = null;
        try (Lease _ = device.lease()) {
            joined = ranks.size() == 1 ? null : Ranks.sum(ranks, device);
            sum = joined;
            this.corpus = new ResidentCorpus(device, memory.forPurpose("corpus"), corpus);
            optimiser = new Optimiser(model, memory, options.rule(), updates);
            recorded = new RecordedSteps(model, options, memory, this.corpus, optimiser, updates, sum, leastPart);
            carried = options.streams() ? recorded.carry(streams()) : null;
            share.updates().forEach(recorded::of);
        } catch (RuntimeException | Error e) {
            // Whoever tries a smaller batch has the memory for it.
            close(memory, e);
            close(joined, e);
            throw e;
        }
    }

    /** Of what failed otherwise. */
    private static void close(@Nullable AutoCloseable opened, Throwable failure) {
        try (opened) {
            return;
        } catch (Exception unclosed) {
            failure.addSuppressed(unclosed);
        }
    }

    /**
     * Whether training can be between two updates, or at an end, after so many rows of an epoch.
     *
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
     * @return all, but for those that streams leave
     */
    public static int rowsOfEpoch(Corpus corpus, TrainingOptions options) {
        int rows = corpus.rows();
        return options.streams() ? rows - rows % Math.min(rows, options.batchSize()) : rows;
    }

    /** The time steps of an epoch that {@link Figures#CHARS_PER_SECOND} counts. */
    public static double charactersOfEpoch(Corpus corpus, TrainingOptions options) {
        double all = (double) rowsOfEpoch(corpus, options) * corpus.steps();
        return options.padding() == PaddingMode.LAB ? all : all * (1 - corpus.lengths().padding(corpus.steps()));
    }

    /**
     * In which order streams take the windows of a text.
     *
     * @param streams how many, at most as many as windows
     * @return numbers of windows: the next of each stream, again and again; those left over last, which none takes
     */
    public static int[] inStreams(Corpus corpus, int streams) {
        return EpochPlan.ofStreams(corpus.rows(), streams);
    }

    /** A batch of this rank's streams: all have the same shape. */
    private EpochPlan.Batch streams() {
        return share.updates().getFirst().getFirst();
    }

    /**
     * What carries sums of gradients between ranks.
     *
     * @return for people; empty for a process by itself
     */
    public Optional<String> carrier() {
        return Optional.ofNullable(sum).map(RankSum::carrier);
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
        Pace pace = new Pace(ranks);
        for (int update = plan.updatesAfter(done); update < updates; update++) {
            ranks.step((epoch - 1L) * updates + update + 1);
            ranks.inTime(recorded.of(share.updates().get(update)));
            done += EpochPlan.rows(plan.updates().get(update));
            boolean goOn = listener.step(done, rows, this::running);
            if (done == rows) {
                break;
            }
            Pace.Word word = pace.after(goOn, System.nanoTime() - watched > WATCH_NANOS);
            if (word.look() || !word.goOn()) {
                settle();
                seconds = before + (System.nanoTime() - start) * 1e-9;
                requireConverging(false);
                watched = System.nanoTime();
            }
            if (!word.goOn()) {
                carriedByAll = carried == null ? List.of()
                        : CarriedShares.gather(ranks, carried.read(), streams().rows());
                return null;
            }
        }
        settle();
        carriedByAll = List.of();
        streamLosses = carried == null ? NONE : recorded.losses(streams()).orElse(NONE);
        seconds = before + (System.nanoTime() - start) * 1e-9;
        return figures();
    }

    /**
     * How each stream did in the last batch of an epoch: a state that has run away stays so until the epoch ends.
     *
     * @return of each of this rank's streams the mean loss in nats; empty without streams, before an epoch is whole,
     *         and where the device does not keep it or the batch is very large
     */
    public double[] streamLosses() {
        return streamLosses.clone();
    }

    /** Waits for the device, and adds up what the losses of all ranks have come to. */
    private void settle() {
        double[] all = new double[Operations.TOTALS * ranks.size()];
        System.arraycopy(summedUp(), 0, all, Operations.TOTALS * ranks.rank(), Operations.TOTALS);
        ranks.sum(all);
        totalsOfRanks = all;
        totals = TrainingState.summed(all);
    }

    /** Waits for the device, whose sums may wait for other ranks. */
    private double[] summedUp() {
        double[] sums = new double[Operations.TOTALS];
        ranks.inTime(() -> System.arraycopy(recorded.totals(), 0, sums, 0, sums.length));
        return sums;
    }

    /** Whether no epoch is under way. */
    private boolean isWhole() {
        return epoch == 0 || done == rows;
    }

    private void begin(int seen, double[] sums) {
        done = seen;
        plan = EpochPlan.of(text, options, buckets, Math.max(1, epoch));
        share = plan.share(ranks.rank(), ranks.size());
        int taken = plan.updatesAfter(seen);
        corpus.begin(share.order(), share.updates().subList(0, taken).stream().mapToInt(EpochPlan::rows).sum());
        totalsOfRanks = sums;
        totals = TrainingState.summed(sums);
        carriedByAll = List.of();
        // Before the first epoch there are none; at the end of one, none that are left.
        long before = Math.max(0, epoch - 1) * (long) updates;
        optimiser.begin(before + taken, IntStream.range(taken, Math.max(updates, taken + 1))
                .mapToDouble(i -> rate(before + i)).toArray());
        recorded.begin(share, taken, TrainingState.share(sums, ranks.rank(), ranks.size()),
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
     * Looks at what was summed up, the same in all ranks. Whether a loss is too far is judged where an epoch is
     * whole, and so at the same place whatever the machine's speed.
     */
    private void requireConverging(boolean whole) {
        double[] seen = recorded.norms();
        double loss = loss(totals);
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
            // Of a window of which the last step alone counts, the LSTM goes through all.
            double characters = model.config().prediction() == Prediction.LAST ? plan.steps() : totals[2];
            return Figures.of(epoch, loss(totals), totals[3] / totals[4], seconds, characters / seconds);
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
            double[] sums = totalsOfRanks;
            int seen = done;
            int at = epoch;
            double taken = seconds;
            Schedule.Course reached = course;
            List<Tensor> state = carriedByAll;
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
                carried.write(CarriedShares.share(state.carried(), streams()));
                carriedByAll = state.carried();
            }
        }
    }

    /** The mean loss since the epoch began, of several ranks this one's own. */
    private double running() {
        return loss(summedUp());
    }

    private static double loss(double[] sums) {
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
        if (sum != null && !closed) {
            sum.close();
        }
        closed = true;
    }
}
