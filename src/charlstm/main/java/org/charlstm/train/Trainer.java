package org.charlstm.train;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.cuda.Nvtx;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.nn.Model;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Optimiser;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;
import org.charlstm.nn.Weights;
import org.charlstm.rank.AllReduce;
import org.charlstm.rank.Collective;
import org.charlstm.rank.Ranks;
import org.charlstm.text.Corpus;
import org.jspecify.annotations.Nullable;

/**
 * Trains a model on a corpus, epoch by epoch. Everything that a step needs is in device memory before the step starts:
 * no value passes between host and device in a step. One thread at a time may use a trainer: a concurrent call, or a
 * call after {@link #close}, is an {@link IllegalStateException}.
 *
 * <p>Several processes, the ranks, train one model together if each has a trainer of the same model, corpus and
 * options. Each takes its share of every batch, and gradients are summed over all ranks before an update, so the
 * weights stay the same in all ranks. All ranks call {@link #epoch} together, and {@link #restore} with the same state.
 * Numbers of rows are totals over all ranks.
 */
public final class Trainer implements AutoCloseable {
    /** The time between two checks for divergence. */
    private static final long CHECK_NANOS = 1_000_000_000;
    /** Training does not recover from a loss this many times ln V, the loss of a model that predicts uniformly. */
    private static final double FAR = 10;
    private static final double[] NONE = {};

    private final Model model;
    private final TrainingOptions options;
    private final Memory memory;
    private final Collective ranks;
    /** Sums gradients over all ranks; null with one rank. */
    private final @Nullable AllReduce sum;
    private final Corpus text;
    private final ResidentCorpus corpus;
    private final Optimiser optimiser;
    private final RecordedSteps recorded;
    private final Buckets buckets;
    private final int updates;
    private final int rows;
    /** The state that streams carry from batch to batch; null if each batch starts anew. */
    private final @Nullable NetworkState carried;
    private int epoch;
    /** The number of rows seen in this epoch. */
    private int done;
    private double seconds;
    /** The plan of the epoch, over all ranks. */
    private EpochPlan plan;
    /** This rank's share of the plan. */
    private EpochPlan share;
    /** The summed losses of each rank, rank after rank, after the last steps. */
    private double[] totalsOfRanks = new double[Operations.TOTALS];
    /** The sums of these totals over all ranks. */
    private double[] totals = totalsOfRanks;
    /** The states of all ranks' streams after the last steps; empty if the epoch is complete. */
    private List<Tensor> carriedByAll = List.of();
    private double[] streamLosses = NONE;
    private Schedule.Course course = Schedule.Course.BEGIN;
    /** Whether training goes on after it has diverged. */
    private boolean tolerant;
    /** The first divergence, if training went on; null if none. */
    private @Nullable DivergenceException divergence;
    private volatile boolean closed;

    /**
     * A trainer before its first epoch; it trains the model's weights. Throws {@link IllegalArgumentException} if
     * corpus and model have different numbers of symbols, or if the model predicts the last step alone and the corpus
     * has captions or the options have streams.
     */
    public Trainer(Model model, Corpus corpus, TrainingOptions options) {
        this(model, corpus, options, Collective.single());
    }

    /**
     * A trainer for one of several ranks. The batch size is the total over all ranks, and each rank needs at least one
     * row. Close the trainer before the ranks.
     */
    @SuppressWarnings("exports") // Ranks are the tool's.
    public Trainer(Model model, Corpus corpus, TrainingOptions options, Collective ranks) {
        this(model, corpus, options, ranks, PartialSums.LEAST_BYTES);
    }

    /** The same with another least size, in bytes, of a part of the gradients that is summed by itself. */
    Trainer(Model model, Corpus corpus, TrainingOptions options, Collective ranks, long leastPart) {
        requireFit(model, corpus, options, ranks);
        this.model = model;
        this.options = options;
        this.ranks = ranks;
        text = corpus;
        buckets = Buckets.of(corpus, options.padding());
        plan = EpochPlan.of(corpus, options, buckets, 1);
        updates = plan.updates().size();
        rows = plan.rows();
        share = plan.share(ranks.rank(), ranks.size());
        Device device = model.device();
        memory = device.memory();
        AllReduce opened = null;
        try (Lease _ = device.lease()) {
            opened = ranks.size() == 1 ? null : Ranks.sum(ranks, device);
            sum = opened;
            this.corpus = new ResidentCorpus(device, memory.forPurpose("corpus"), corpus);
            optimiser = new Optimiser(model, memory, options.rule(), updates);
            recorded = new RecordedSteps(model, options, memory, this.corpus, optimiser,
                    opened == null ? null : new PartialSums.Over(opened, leastPart));
            carried = options.streams() ? recorded.carry(batchOfStreams()) : null;
            share.updates().forEach(recorded::of);
        } catch (RuntimeException | Error e) {
            // The caller may need the memory to try a smaller batch.
            closeAfter(e, memory);
            closeAfter(e, opened);
            throw e;
        }
    }

    private static void requireFit(Model model, Corpus corpus, TrainingOptions options, Collective ranks) {
        Refuse.argumentIf(corpus.vocabulary().size() != model.config().symbols(),
                "a corpus of " + corpus.vocabulary().size() + " symbols for a model of " + model.config().symbols());
        corpus.requireFeatures(model.config().features());
        if (model.config().prediction() == Prediction.LAST && (corpus.vocabulary().hasMarkers() || options.streams())) {
            throw new IllegalArgumentException("a model that predicts the last step alone learns windows of running "
                    + "text, each from a state of zeros, neither captions nor streams");
        }
        Refuse.argumentIf(Math.min(options.batchSize(), corpus.rows()) < ranks.size(),
                "a batch of " + Math.min(options.batchSize(), corpus.rows()) + " rows for " + ranks.size()
                        + " ranks; each needs one");
    }

    private static void closeAfter(Throwable failure, @Nullable AutoCloseable opened) {
        try (opened) {
            return;
        } catch (Exception unclosed) {
            failure.addSuppressed(unclosed);
        }
    }

    /** A batch of this rank's streams; all its batches have the same shape. */
    private EpochPlan.Batch batchOfStreams() {
        return share.updates().getFirst().getFirst();
    }

    /** A description of the transport of gradient sums between ranks; empty for one rank. */
    public Optional<String> carrier() {
        return Optional.ofNullable(sum).map(AllReduce::carrier);
    }

    private Lease lease() {
        Refuse.callIf(closed, "this trainer is closed");
        return model.device().lease();
    }

    /** Lets training go on after it diverges; its steps then take the usual time. */
    public Trainer evenIfItDiverges() {
        tolerant = true;
        return this;
    }

    /** The first divergence, if training went on after it. */
    public Optional<DivergenceException> divergence() {
        return Optional.ofNullable(divergence);
    }

    /**
     * Runs the next epoch, or the rest of an epoch that its listener ended early. Returns the figures of the epoch, or
     * null if the listener ended it; completed steps count in both cases. Throws {@link DivergenceException} if
     * training diverged, unless {@link #evenIfItDiverges} was called.
     */
    public @Nullable Figures epoch(EpochListener listener) {
        try (Lease _ = lease(); Nvtx.Range _ = Nvtx.range("epoch " + (isWhole() ? epoch + 1 : epoch))) {
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
        long checked = start;
        StopAgreement agreement = new StopAgreement(ranks);
        for (int update = plan.updatesAfter(done); update < updates; update++) {
            ranks.step((epoch - 1L) * updates + update + 1);
            try (Nvtx.Range _ = Nvtx.range("step")) {
                ranks.inTime(recorded.of(share.updates().get(update)));
            }
            done += EpochPlan.rows(plan.updates().get(update));
            boolean goOn = listener.step(done, rows, this::running);
            if (done == rows) {
                break;
            }
            StopAgreement.Decision all = agreement.after(goOn, System.nanoTime() - checked > CHECK_NANOS);
            if (all.check() || !all.goOn()) {
                settle();
                seconds = before + (System.nanoTime() - start) * 1e-9;
                requireConverging(false);
                checked = System.nanoTime();
            }
            if (!all.goOn()) {
                carriedByAll = carried == null ? List.of()
                        : StreamStates.gather(ranks, carried.read(), batchOfStreams().rows());
                return null;
            }
        }
        settle();
        carriedByAll = List.of();
        streamLosses = carried == null ? NONE : recorded.losses(batchOfStreams()).orElse(NONE);
        seconds = before + (System.nanoTime() - start) * 1e-9;
        return figures();
    }

    /**
     * The mean loss, in nats, of each of this rank's streams in the last batch of an epoch. A high loss shows a stream
     * whose state has diverged, which lasts until the epoch ends. Empty without streams, before an epoch is complete,
     * if the device does not keep the losses, or if the batch is very large.
     */
    public double[] streamLosses() {
        return streamLosses.clone();
    }

    /** Waits for the device and sums the losses over all ranks. */
    private void settle() {
        double[] all = new double[Operations.TOTALS * ranks.size()];
        System.arraycopy(ownTotals(), 0, all, Operations.TOTALS * ranks.rank(), Operations.TOTALS);
        ranks.sum(all);
        totalsOfRanks = all;
        totals = TrainingState.summed(all);
    }

    /** Reads this rank's totals. Waits for the device, which may wait for other ranks. */
    private double[] ownTotals() {
        double[] sums = new double[Operations.TOTALS];
        ranks.inTime(() -> System.arraycopy(recorded.totals(), 0, sums, 0, sums.length));
        return sums;
    }

    /** Whether no epoch is in progress. */
    private boolean isWhole() {
        return epoch == 0 || done == rows;
    }

    /** Moves everything to the place after {@code seen} rows of the epoch. */
    private void begin(int seen, double[] sums) {
        done = seen;
        plan = EpochPlan.of(text, options, buckets, Math.max(1, epoch));
        share = plan.share(ranks.rank(), ranks.size());
        int taken = plan.updatesAfter(seen);
        corpus.begin(share.order(), share.updates().subList(0, taken).stream().mapToInt(EpochPlan::rows).sum());
        totalsOfRanks = sums;
        totals = TrainingState.summed(sums);
        carriedByAll = List.of();
        // The place before the first epoch is the same as its start.
        long before = Math.max(0, epoch - 1) * (long) updates;
        optimiser.begin(before + taken, IntStream.range(taken, Math.max(updates, taken + 1))
                .mapToDouble(i -> rate(before + i)).toArray());
        recorded.begin(share, taken, TrainingState.share(sums, ranks.rank(), ranks.size()),
                (int) (Math.max(0, epoch - 1) * (long) batches(rows) + batches(seen)));
    }

    private int batches(int of) {
        return Math.ceilDiv(of, options.batchSize());
    }

    /** The rate of an update, counted from 0 over all epochs. */
    private double rate(long update) {
        return options.rate(course, update, updates);
    }

    /** Tells the schedule the loss of an epoch (of validation, if any). Called once after each complete epoch. */
    public void monitor(double loss) {
        course = options.schedule().next(course, loss);
    }

    /** The learning rate of the last update; at least one update must have run. */
    public double learningRate() {
        return rate((epoch - 1L) * updates + plan.updatesAfter(done) - 1);
    }

    /** The state of the schedule. */
    public Schedule.Course course() {
        return course;
    }

    /**
     * Checks the sums over all ranks, so all ranks decide alike. A finite loss that is too high is refused only at the
     * end of an epoch, which is the same step on machines of any speed.
     */
    private void requireConverging(boolean whole) {
        double[] seen = recorded.norms();
        double loss = loss(totals);
        boolean finite = seen[3] == 0;
        if (!finite || !Double.isFinite(loss)
                || (whole && loss > FAR * Math.log(Math.max(2, model.config().symbols())))) {
            DivergenceException diverged = new DivergenceException(String.format(Locale.ROOT,
                    "training diverged in step %.0f of epoch %d: %s; the largest norm of its gradients %swas %.3g",
                    finite ? seen[2] : seen[3], epoch,
                    finite ? String.format(Locale.ROOT, "the mean loss of the epoch is %.3g", loss)
                            : "the gradients are no longer finite",
                    finite ? "" : "before ", seen[1]));
            if (!tolerant) {
                throw diverged;
            }
            divergence = divergence == null ? diverged : divergence;
        }
    }

    /**
     * The figures of the last epoch, as {@link #epoch} returned them.
     *
     * @throws IllegalStateException if the epoch is not complete
     * @throws DivergenceException   if training diverged
     */
    public Figures figures() {
        Refuse.callIf(epoch == 0 || !isWhole(), "no epoch is whole");
        try (Lease _ = lease()) {
            requireConverging(true);
            // If the loss counts the last step alone, the recurrent layers still compute all steps.
            double characters = model.config().prediction() == Prediction.LAST ? plan.steps() : totals[2];
            return Figures.of(epoch, loss(totals), totals[3] / totals[4], seconds, characters / seconds);
        }
    }

    /** Copies the state to the host from which another trainer can continue after the last step. */
    public TrainingState state() {
        return copyState().get();
    }

    /** Copies the same state to the host in the device's layout, quickly. The supplier converts it on any thread. */
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
     * Continues from the state of another trainer, on this device or another, with the same corpus and options. The
     * model takes over the state's weights. Throws {@link IllegalArgumentException} if the state does not fit the
     * corpus or the update rule.
     */
    public void restore(TrainingState state) {
        Refuse.argumentIf(!options.isBetweenUpdates(text, state.epoch(), state.rows()),
                "a state after " + state.rows() + " rows for " + corpus.rows());
        try (Lease _ = lease()) {
            optimiser.restore(state.states());
            model.write(state.weights());
            epoch = state.epoch();
            seconds = state.seconds();
            course = state.course();
            begin(state.rows(), state.totals());
            if (carried != null && state.rows() < rows && epoch > 0) {
                carried.write(StreamStates.share(state.carried(), batchOfStreams()));
                carriedByAll = state.carried();
            }
        }
    }

    /** This rank's mean loss since the epoch began. */
    private double running() {
        return loss(ownTotals());
    }

    private static double loss(double[] sums) {
        return sums[0] / sums[2];
    }

    /** Frees everything but the model. Throws {@link IllegalStateException} if another thread uses the device. */
    @Override
    public void close() {
        memory.close();
        if (sum != null && !closed) {
            sum.close();
        }
        closed = true;
    }
}
