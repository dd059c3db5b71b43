package org.charlstm.train;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.DoubleStream;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Lease;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.charlstm.text.Corpus;

/**
 * How well a model predicts a corpus, averaged over every time step, padding included, as in training.
 *
 * @param loss     cross-entropy in nats a time step
 * @param realLoss the same in nats a character: of the steps that are no padding, alone, which are the characters and
 *                 the end symbol after each caption
 * @param accuracy the share of time steps in which no symbol is more probable than the target
 */
public record Evaluation(double loss, double realLoss, double accuracy) {
    /** A stream has so many chunks at least, or there is one stream: what it carries is to count. */
    private static final int CHUNKS = 16;

    /**
     * The loss of characters as people compare it.
     *
     * @return {@link #realLoss} in bits
     */
    public double bits() {
        return Figures.bits(realLoss);
    }

    /**
     * The loss that a training has brought down.
     *
     * @param padding what it made of padding
     * @return the lab's, or else that of real characters: who never learned what follows an end guesses it
     */
    public double loss(PaddingMode padding) {
        return padding == PaddingMode.LAB ? loss : realLoss;
    }

    /**
     * Evaluates a model.
     *
     * @param model     the model
     * @param corpus    the text, with as many symbols as the model
     * @param batchSize captions computed side by side
     * @return its figures
     */
    public static Evaluation of(Model model, Corpus corpus, int batchSize) {
        return of(model, corpus, batchSize, () -> true).orElseThrow();
    }

    /**
     * Evaluates a model by every step of each row, unless it is told to end.
     *
     * @param model     the model
     * @param corpus    the text, with as many symbols as the model
     * @param batchSize captions computed side by side
     * @param goOn      asked after each batch
     * @return its figures, means over rows and steps; empty if it ended before the last batch
     */
    public static Optional<Evaluation> of(Model model, Corpus corpus, int batchSize, BooleanSupplier goOn) {
        return of(model, corpus, batchSize, false, goOn);
    }

    /**
     * Evaluates a model as it is trained, of streams with the state carried on, unless it is told to end.
     *
     * @param model   the model
     * @param corpus  the text, with as many symbols as the model
     * @param options of the training
     * @param goOn    asked after each batch
     * @return its figures, means over rows and steps; empty if it ended before the last batch
     */
    public static Optional<Evaluation> of(Model model, Corpus corpus, TrainingOptions options, BooleanSupplier goOn) {
        return of(model, corpus, options.batchSize(), options.streams(), goOn);
    }

    private static Optional<Evaluation> of(Model model, Corpus corpus, int batchSize, boolean streams,
            BooleanSupplier goOn) {
        corpus.requireFeatures(model.config().features());
        try (Lease _ = model.device().lease(); Memory memory = model.device().memory()) {
            ResidentCorpus resident = new ResidentCorpus(model.device(), memory, corpus);
            int most = streams ? Math.clamp(corpus.rows() / CHUNKS, 1, batchSize) : batchSize;
            if (streams) {
                resident.begin(EpochPlan.ofStreams(corpus.rows(), most), 0);
            }
            Doubles totals = memory.doubles(Operations.TOTALS);
            Rows every = (network, targets) -> {
                network.loss(targets, totals);
                return goOn.getAsBoolean();
            };
            if (!run(model, resident, every, most, corpus.rows() / most, streams)
                    || !run(model, resident, every, corpus.rows() % most, 1, false)) {
                return Optional.empty();
            }
            double[] sums = totals.read();
            return Optional.of(new Evaluation(sums[0] / sums[2], sums[3] / sums[4], sums[1] / sums[2]));
        }
    }

    /**
     * Evaluates a model by the last step of each row alone: what follows T characters, as a Keras model without
     * {@code return_sequences} is trained and evaluated.
     *
     * @param model     the model
     * @param corpus    the text, with as many symbols as the model
     * @param batchSize captions computed side by side
     * @return its figures, means over rows, of which each counts as real
     */
    public static Evaluation ofLastSteps(Model model, Corpus corpus, int batchSize) {
        try (Lease _ = model.device().lease(); Memory memory = model.device().memory()) {
            ResidentCorpus resident = new ResidentCorpus(model.device(), memory, corpus);
            double[] totals = new double[2];
            Rows last = (network, targets) -> {
                addLastSteps(network.logits(), targets.read(), corpus.steps(), totals);
                return true;
            };
            run(model, resident, last, batchSize, corpus.rows() / batchSize, false);
            run(model, resident, last, corpus.rows() % batchSize, 1, false);
            double loss = totals[0] / corpus.rows();
            return new Evaluation(loss, loss, totals[1] / corpus.rows());
        }
    }

    private static void addLastSteps(Matrix logits, int[] targets, int steps, double[] totals) {
        int symbols = logits.columns();
        double[] values = logits.read();
        for (int row = targets.length - targets.length / steps; row < targets.length; row++) {
            double[] last = Arrays.copyOfRange(values, row * symbols, (row + 1) * symbols);
            double target = last[Padding.id(targets[row])];
            totals[0] += Math.log(DoubleStream.of(last).map(logit -> Math.exp(logit - target)).sum());
            totals[1] += DoubleStream.of(last).noneMatch(logit -> !(logit <= target)) ? 1 : 0;
        }
    }

    /** What is made of a batch that went forward, and whether to go on. */
    private interface Rows {
        boolean add(Network network, Ints targets);
    }

    /** Whether all of it was run. */
    private static boolean run(Model model, ResidentCorpus corpus, Rows rows, int batch, int times,
            boolean carried) {
        if (batch == 0 || times == 0) {
            return true;
        }
        try (Memory memory = model.device().memory()) {
            Ints inputs = corpus.batch(memory, batch, corpus.steps());
            Ints targets = corpus.batch(memory, batch, corpus.steps());
            Network network = new Network(model, memory, corpus.steps(), batch, false);
            NetworkState state = carried ? network.newState(memory) : null;
            for (int i = 0; i < times; i++) {
                corpus.next(inputs, targets, batch, Padding.COUNTED, network);
                network.forward(inputs, state);
                if (!rows.add(network, targets)) {
                    return false;
                }
            }
        }
        return true;
    }
}
