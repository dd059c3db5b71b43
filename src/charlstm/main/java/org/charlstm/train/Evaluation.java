package org.charlstm.train;

import module java.base;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Padding;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Prediction;
import org.charlstm.text.Corpus;

/**
 * How well a model predicts a corpus, as means over the counted time steps. A model that predicts the last step alone
 * is evaluated at the last step of each row.
 *
 * @param loss     the cross-entropy in nats per time step
 * @param realLoss the same over the steps that are not padding: the characters and the end symbol of each caption
 * @param accuracy the share of the counted steps in which no symbol is more probable than the target
 */
public record Evaluation(double loss, double realLoss, double accuracy) {
    /** The least number of chunks of a stream, if there are several streams: the carried state must matter. */
    private static final int CHUNKS = 16;

    /** The {@link #realLoss} in bits. */
    public double bits() {
        return Figures.bits(realLoss);
    }

    /** Evaluates a model by all steps of a corpus with the same symbols, padding included, in batches of captions. */
    public static Evaluation of(Model model, Corpus corpus, int batchSize) {
        return of(model, corpus, batchSize, () -> true).orElseThrow();
    }

    /** The same, but {@code goOn} decides after each batch whether to continue; empty if it returned false. */
    public static Optional<Evaluation> of(Model model, Corpus corpus, int batchSize, BooleanSupplier goOn) {
        return of(model, corpus, batchSize, new CountedSteps(model.config().prediction(), Padding.COUNTED), 0, goOn);
    }

    /**
     * Evaluates a model as it is trained: streams carry their state, and padding that training masks does not count. A
     * batch is computed in {@code parts} parts; with one part per rank, a rank's share of the memory suffices.
     * {@code goOn} decides after each batch whether to continue; the result is empty if it returned false.
     */
    public static Optional<Evaluation> of(Model model, Corpus corpus, TrainingOptions options, int parts,
            BooleanSupplier goOn) {
        return of(model, corpus, options.streams() ? options.batchSize() : Math.ceilDiv(options.batchSize(), parts),
                new CountedSteps(model.config().prediction(), options.padding().onDevice()),
                options.streams() ? parts : 0, goOn);
    }

    /** The steps that count. */
    private record CountedSteps(Prediction prediction, Padding padding) {
    }

    /** Evaluates separate rows if {@code parts} is 0, else streams in that number of parts. */
    private static Optional<Evaluation> of(Model model, Corpus corpus, int batchSize, CountedSteps counted, int parts,
            BooleanSupplier goOn) {
        corpus.requireFeatures(model.config().features());
        try (Lease _ = model.device().lease(); Memory memory = model.device().memory()) {
            ResidentCorpus resident = new ResidentCorpus(model.device(), memory, corpus);
            Doubles totals = memory.doubles(Operations.TOTALS);
            Batches batches = new Batches(model, resident, counted, totals, goOn);
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
            return Optional.of(new Evaluation(loss, counted.prediction == Prediction.LAST ? loss : sums[3] / sums[4],
                    sums[1] / sums[2]));
        }
    }

    /**
     * Evaluates a model by the last step of each row alone, in batches of rows, as Keras evaluates a model without
     * {@code return_sequences}. All last steps count as real.
     */
    public static Evaluation ofLastSteps(Model model, Corpus corpus, int batchSize) {
        return of(model, corpus, batchSize, new CountedSteps(Prediction.LAST, Padding.COUNTED), 0, () -> true)
                .orElseThrow();
    }

    /** Runs forward passes of batches and adds their losses to the totals. */
    private record Batches(Model model, ResidentCorpus corpus, CountedSteps counted, Doubles totals,
            BooleanSupplier goOn) {
        /** Returns false if {@code goOn} ended the evaluation early. */
        boolean run(int batch, int times, boolean carried) {
            if (batch == 0 || times == 0) {
                return true;
            }
            try (Memory memory = model.device().memory()) {
                Ints inputs = corpus.batch(memory, batch, corpus.steps());
                Ints targets = corpus.batch(memory, batch, counted.prediction.steps(corpus.steps()));
                Network network = new Network(model, memory, corpus.steps(), batch, null, counted.prediction);
                NetworkState state = carried ? network.newState(memory) : null;
                for (int i = 0; i < times; i++) {
                    corpus.next(inputs, targets, batch, counted.padding, network, () -> {
                        network.forward(inputs, state);
                        network.loss(targets, totals);
                    });
                    if (!goOn.getAsBoolean()) {
                        return false;
                    }
                }
            }
            return true;
        }
    }
}
