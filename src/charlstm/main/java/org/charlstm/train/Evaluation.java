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
 * How well a model predicts a corpus, as means over all time steps that its training counts. A model that predicts the
 * last step alone is measured by the last step of each row.
 *
 * @param loss     cross-entropy in nats a time step
 * @param realLoss the same over the steps that are not padding: the characters and the end symbol of each caption
 * @param accuracy the share of the steps of the loss in which no symbol is more probable than the target
 */
public record Evaluation(double loss, double realLoss, double accuracy) {
    /** The least number of chunks of a stream, where there are several: the state that it carries must matter. */
    private static final int CHUNKS = 16;

    /** The {@link #realLoss} in bits. */
    public double bits() {
        return Figures.bits(realLoss);
    }

    /** Evaluates a model of as many symbols by all steps of a corpus, padding included, so many captions at a time. */
    public static Evaluation of(Model model, Corpus corpus, int batchSize) {
        return of(model, corpus, batchSize, () -> true).orElseThrow();
    }

    /**
     * Evaluates a model of as many symbols by every step of each row, padding included, so many captions side by side.
     * It is asked after each batch whether to go on, and empty if it did not.
     */
    public static Optional<Evaluation> of(Model model, Corpus corpus, int batchSize, BooleanSupplier goOn) {
        return of(model, corpus, batchSize, new CountedSteps(model.config().prediction(), Padding.COUNTED), 0, goOn);
    }

    /**
     * Evaluates a model as it is trained: streams carry their state, and padding that training leaves out does not
     * count. A batch is computed in parts, as many as ranks share a batch, so that the memory for the share of one
     * suffices. It is asked after each batch whether to go on, and empty if it did not.
     */
    public static Optional<Evaluation> of(Model model, Corpus corpus, TrainingOptions options, int parts,
            BooleanSupplier goOn) {
        return of(model, corpus, options.streams() ? options.batchSize() : Math.ceilDiv(options.batchSize(), parts),
                new CountedSteps(model.config().prediction(), options.padding().onDevice()),
                options.streams() ? parts : 0, goOn);
    }

    /** Which steps count. */
    private record CountedSteps(Prediction prediction, Padding padding) {
    }

    /** Rows by themselves, or streams if there are parts of them. */
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
     * Evaluates a model of as many symbols by the last step of each row alone, as Keras evaluates a model without
     * {@code return_sequences}, so many captions side by side. All rows count as real.
     */
    public static Evaluation ofLastSteps(Model model, Corpus corpus, int batchSize) {
        return of(model, corpus, batchSize, new CountedSteps(Prediction.LAST, Padding.COUNTED), 0, () -> true)
                .orElseThrow();
    }

    /** Batches that go forward and add to the totals. */
    private record Batches(Model model, ResidentCorpus corpus, CountedSteps counted, Doubles totals,
            BooleanSupplier goOn) {
        /** Returns false if it ended early. */
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
