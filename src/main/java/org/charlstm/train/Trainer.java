package org.charlstm.train;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.charlstm.device.Device;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Lease;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
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
    private final Corpus text;
    private final ResidentCorpus corpus;
    private final Optimiser optimiser;
    private final Matrix gradients;
    private final Doubles totals;
    /** Of the gradients in this epoch, as the operation that clips them has it. */
    private final Doubles norms;
    private final Map<StepShape, Runnable> steps = new HashMap<>();
    /** The epoch that is under way or was the last, how many of its rows were seen, and how long that took. */
    private int epoch;
    private int done;
    private double seconds;
    private volatile boolean closed;

    /** What a step is recorded for. */
    private record StepShape(int timeSteps, int batch) {
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
        text = corpus;
        memory = device.memory();
        try (Lease _ = device.lease()) {
            this.corpus = new ResidentCorpus(device, memory.forPurpose("corpus"), corpus);
            optimiser = new Optimiser(model, memory, options.rule(), 1);
            gradients = model.flatBuffer(memory.forPurpose("gradients"));
            totals = memory.doubles(3);
            norms = memory.doubles(4);
            step(Math.min(options.batchSize(), corpus.rows()));
            if (corpus.rows() % options.batchSize() != 0) {
                step(corpus.rows() % options.batchSize());
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

    private Runnable step(int batch) {
        return steps.computeIfAbsent(new StepShape(corpus.steps(), batch), shape -> {
            Memory activations = memory.forPurpose("activations");
            Ints inputs = corpus.batch(activations, shape.batch);
            Ints targets = corpus.batch(activations, shape.batch);
            Network network = new Network(model, activations, shape.timeSteps, shape.batch, true);
            return model.device().capture(memory, () -> {
                corpus.next(inputs, targets, shape.batch);
                network.train(inputs, targets, totals, gradients);
                model.device().operations().clip(gradients, options.clipNorm(), norms);
                optimiser.update(gradients);
            });
        });
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
            begin(0, new double[3]);
            seconds = 0;
        }
        double before = seconds;
        long watched = start;
        int rows = corpus.rows();
        while (done < rows) {
            int batch = Math.min(options.batchSize(), rows - done);
            step(batch).run();
            done += batch;
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
        optimiser.begin(options.learningRate());
        totals.write(sums);
        norms.write(new double[] {0, 0, Math.ceilDiv(rows, options.batchSize()), 0});
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
            return Figures.of(epoch, loss(), text.bitsPerCharacter(loss()), seconds,
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
            return () -> new TrainingState(weights.get(), states.get(), at, rows, sums, taken);
        }
    }

    /**
     * Goes on from where another trainer was, on this device or another, with the same corpus and options.
     *
     * @param state what that one had; its weights become the model's
     * @throws IllegalArgumentException if it does not fit the corpus or the update rule
     */
    public void restore(TrainingState state) {
        if (state.rows() > corpus.rows()) {
            throw new IllegalArgumentException("a state after " + state.rows() + " rows for " + corpus.rows());
        }
        try (Lease _ = lease()) {
            optimiser.restore(state.states());
            model.write(state.weights());
            epoch = state.epoch();
            seconds = state.seconds();
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
