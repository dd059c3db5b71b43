package org.charlstm.train;

import org.charlstm.device.Doubles;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.nn.Model;
import org.charlstm.nn.Network;
import org.charlstm.text.Corpus;

/**
 * How well a model predicts a corpus, averaged over every time step, padding included, as in training.
 *
 * @param loss     cross-entropy in nats a time step
 * @param accuracy the share of time steps in which no symbol is more probable than the target
 */
public record Evaluation(double loss, double accuracy) {
    /**
     * The loss in bits.
     *
     * @return loss / ln 2
     */
    public double bitsPerCharacter() {
        return loss / Math.log(2);
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
        try (Memory memory = model.device().memory()) {
            ResidentCorpus resident = new ResidentCorpus(model.device(), memory, corpus);
            Doubles totals = memory.doubles(2);
            int whole = corpus.rows() / batchSize;
            run(model, resident, totals, batchSize, whole);
            run(model, resident, totals, corpus.rows() % batchSize, 1);
            double count = (double) corpus.rows() * corpus.steps();
            return new Evaluation(totals.read()[0] / count, totals.read()[1] / count);
        }
    }

    private static void run(Model model, ResidentCorpus corpus, Doubles totals, int batch, int times) {
        if (batch == 0 || times == 0) {
            return;
        }
        try (Memory memory = model.device().memory()) {
            Ints inputs = memory.ints(Math.multiplyExact(corpus.steps(), batch));
            Ints targets = memory.ints(inputs.length());
            Network network = new Network(model, memory, corpus.steps(), batch, false);
            for (int i = 0; i < times; i++) {
                corpus.next(inputs, targets, batch);
                network.forward(inputs, null);
                network.loss(targets, totals);
            }
        }
    }
}
