package org.charlstm.train;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Lease;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Prediction;
import org.charlstm.text.Corpus;

/**
 * How well a model predicts a corpus, averaged over every time step that its training counts; of a model that predicts
 * the last step alone, over the last of each row.
 *
 * @param loss     cross-entropy in nats a time step
 * @param realLoss the same in nats a character: of the steps that are no padding, alone, which are the characters and
 *                 the end symbol after each caption
 * @param accuracy the share of those time steps in which no symbol is more probable than the target
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
     * Evaluates a model by every step, padding included.
     *
     * @param corpus    the text, with as many symbols as the model
     * @param batchSize captions computed side by side
     */
    public static Evaluation of(Model model, Corpus corpus, int batchSize) {
        return of(model, corpus, batchSize, () -> true).orElseThrow();
    }

    /**
     * Evaluates a model by every step of each row, padding included, unless it is told to end.
     *
     * @param corpus    the text, with as many symbols as the model
     * @param batchSize captions computed side by side
     * @return its figures, means over rows and steps; empty if it ended before the last batch
     */
    public static Optional<Evaluation> of(Model model, Corpus corpus, int batchSize, BooleanSupplier goOn) {
        return of(model, corpus, batchSize, model.config().prediction(), Padding.COUNTED, 0, goOn);
    }

    /**
     * Evaluates a model as it is trained: streams carry their state on, and padding that training leaves out does not
     * count. It may be told to end.
     *
     * @param corpus  the text, with as many symbols as the model
     * @param parts   one after the other, in which a batch is computed: where several ranks share a batch, the memory
     *                of one is enough for its share
     * @return its figures, means over rows and steps; empty if it ended before the last batch
     */
    public static Optional<Evaluation> of(Model model, Corpus corpus, TrainingOptions options, int parts,
            BooleanSupplier goOn) {
        return of(model, corpus, options.streams() ? options.batchSize() : Math.ceilDiv(options.batchSize(), parts),
                model.config().prediction(), options.padding() == PaddingMode.LAB ? Padding.COUNTED
                        : Padding.LEFT_OUT,
                options.streams() ? parts : 0, goOn);
    }

    /** Of streams where there are parts of them. */
    private static Optional<Evaluation> of(Model model, Corpus corpus, int batchSize, Prediction prediction,
            Padding padding, int parts, BooleanSupplier goOn) {
        corpus.requireFeatures(model.config().features());
        try (Lease _ = model.device().lease(); Memory memory = model.device().memory()) {
            ResidentCorpus resident = new ResidentCorpus(model.device(), memory, corpus);
            Doubles totals = memory.doubles(Operations.TOTALS);
            Batches batches = new Batches(model, resident, prediction, padding, totals, goOn);
            int most = batchSize;
            int rest = corpus.rows();
            if (parts > 0) {
                EpochPlan streams = EpochPlan.streams(corpus, new TrainingOptions(Math.clamp(corpus.rows() / CHUNKS, 1,
                        batchSize), 1, 0, false));
                int chunks = streams.updates().size();
                for (int part = 0; part < parts; part++) {
                    EpochPlan share = streams.share(part, parts);
                    resident.begin(share.order(), 0);
                    if (!batches.run(share.rows() / chunks, chunks, true)) {
                        return Optional.empty();
                    }
                }
                resident.begin(streams.order(), streams.rows());
                most = Math.ceilDiv(streams.rows() / chunks, parts);
                rest -= streams.rows();
            }
            if (!batches.run(most, rest / most, false) || !batches.run(rest % most, 1, false)) {
                return Optional.empty();
            }
            double[] sums = totals.read();
            double loss = sums[0] / sums[2];
            return Optional.of(new Evaluation(loss, prediction == Prediction.LAST ? loss : sums[3] / sums[4],
                    sums[1] / sums[2]));
        }
    }

    /**
     * Evaluates a model by the last step of each row alone: what follows T characters, as a Keras model without
     * {@code return_sequences} is trained and evaluated.
     *
     * @param corpus    the text, with as many symbols as the model
     * @param batchSize captions computed side by side
     * @return its figures, means over rows, of which each counts as real
     */
    public static Evaluation ofLastSteps(Model model, Corpus corpus, int batchSize) {
        return of(model, corpus, batchSize, Prediction.LAST, Padding.COUNTED, 0, () -> true).orElseThrow();
    }

    /** Batches that go forward and add to the totals. */
    private record Batches(Model model, ResidentCorpus corpus, Prediction prediction, Padding padding, Doubles totals,
            BooleanSupplier goOn) {
        /** Whether all of them were run. */
        boolean run(int batch, int times, boolean carried) {
            if (batch == 0 || times == 0) {
                return true;
            }
            try (Memory memory = model.device().memory()) {
                Ints inputs = corpus.batch(memory, batch, corpus.steps());
                Ints targets = corpus.batch(memory, batch, prediction.steps(corpus.steps()));
                Network network = new Network(model, memory, corpus.steps(), batch, null, prediction);
                NetworkState state = carried ? network.newState(memory) : null;
                for (int i = 0; i < times; i++) {
                    corpus.next(inputs, targets, batch, padding, network);
                    network.forward(inputs, state);
                    network.loss(targets, totals);
                    if (!goOn.getAsBoolean()) {
                        return false;
                    }
                }
            }
            return true;
        }
    }
}
