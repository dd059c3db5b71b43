package org.charlstm.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.charlstm.device.Leases.Lease;
import org.charlstm.nn.Model;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** How probable a model takes texts to be, each by itself from a state of zeros. */
public final class Scorer implements AutoCloseable {
    private final Model model;
    private final Vocabulary vocabulary;
    private final int batch;
    private final Stepper stepper;

    /**
     * What a model says of a text.
     *
     * @param logProbability the logarithm of the probability of all symbols that were predicted, in nats
     * @param symbols        how many were: where there are a start and an end symbol, the characters and the end; else
     *                       the characters but for the first, which nothing goes before
     */
    public record Score(double logProbability, int symbols) {
        /**
         * What a symbol takes.
         *
         * @return bits; NaN if there was none
         */
        public double bits() {
            return -logProbability / Math.log(2) / symbols;
        }

        /**
         * Among how many equally probable symbols a choice would be as hard.
         *
         * @return at least 1; NaN if there was none
         */
        public double perplexity() {
            return Math.exp(-logProbability / symbols);
        }
    }

    /**
     * A scorer.
     *
     * @param batch      how many texts are computed side by side
     */
    public Scorer(Model model, Vocabulary vocabulary, int batch) {
        this(model, vocabulary, batch, 0);
    }

    /**
     * A scorer.
     *
     * @param batch      how many texts are computed side by side
     * @param window     of how many symbols before it each is predicted, or 0 for all of them
     */
    public Scorer(Model model, Vocabulary vocabulary, int batch, int window) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.batch = batch;
        try (Lease _ = model.device().lease()) {
            stepper = new Stepper(model, batch, window);
        }
    }

    /**
     * Scores texts.
     *
     * @param texts ids of the characters of each, at most as many as are computed side by side
     * @throws org.charlstm.CharlstmException if the model gives NaN or an infinity
     */
    public List<Score> score(List<int[]> texts) {
        return score(texts, null, new int[0]);
    }

    /**
     * The same of texts about something.
     *
     * @param texts ids of the characters of each, at most as many as are computed side by side
     * @param about what texts are about; null for a model of none
     * @param rows  of each text the row of those
     * @throws IllegalArgumentException     if there are not as many features as the model takes
     * @throws org.charlstm.CharlstmException if the model gives NaN or an infinity
     */
    public List<Score> score(List<int[]> texts, @Nullable Features about, int[] rows) {
        if ((about == null ? 0 : about.columns()) != model.config().features()) {
            throw new IllegalArgumentException("another number of features than the model's "
                    + model.config().features());
        }
        if (texts.size() > batch) {
            throw new IllegalArgumentException(texts.size() + " texts; there can be " + batch);
        }
        try (Lease _ = model.device().lease()) {
            stepper.begin(about, IntStream.of(rows));
            int before = vocabulary.hasMarkers() ? 1 : 0;
            double[] sums = new double[texts.size()];
            int[] counts = new int[texts.size()];
            int steps = texts.stream().mapToInt(text -> text.length).max().orElse(0) + (before == 1 ? 1 : -1);
            int[] inputs = new int[batch];
            for (int t = 0; t < steps; t++) {
                for (int i = 0; i < texts.size(); i++) {
                    inputs[i] = symbol(texts.get(i), t - before);
                }
                stepper.feed(inputs);
                double[] logits = stepper.logits().read();
                for (int i = 0; i < sums.length; i++) {
                    int[] text = texts.get(i);
                    if (t + 1 - before < text.length + before) {
                        Softmax.log(logits, i * vocabulary.size(), vocabulary.size());
                        sums[i] += logits[i * vocabulary.size() + symbol(text, t + 1 - before)];
                        counts[i]++;
                    }
                }
            }
            List<Score> scores = new ArrayList<>();
            for (int i = 0; i < sums.length; i++) {
                scores.add(new Score(sums[i], counts[i]));
            }
            return scores;
        }
    }

    /** A text's symbol at a place: before it the start, behind it the end, or where there are none any. */
    private int symbol(int[] text, int at) {
        return at < 0 ? vocabulary.start() : at < text.length ? text[at] : vocabulary.hasMarkers() ? vocabulary.end()
                : 0;
    }

    @Override
    public void close() {
        stepper.close();
    }
}
