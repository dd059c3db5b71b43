package org.charlstm.sample;

import module java.base;
import org.charlstm.base.Refuse;
import org.charlstm.device.Device.Lease;
import org.charlstm.nn.Model;
import org.charlstm.sample.step.Softmax;
import org.charlstm.sample.step.Stepper;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/** Computes the probability that a model gives to each of several texts. Each text starts from a state of its own. */
public final class Scorer implements AutoCloseable {
    private final Model model;
    private final Vocabulary vocabulary;
    private final int batch;
    private final Stepper stepper;

    /**
     * The score of a text.
     *
     * @param logProbability the log-probability of all predicted symbols, in nats
     * @param symbols        the number of predicted symbols: all characters and the end symbol if the vocabulary has
     *                       start and end symbols, else the characters after the first
     */
    public record Score(double logProbability, int symbols) {
        /** The bits per symbol; NaN if no symbol was predicted. */
        public double bits() {
            return -logProbability / Math.log(2) / symbols;
        }

        /** The number of equally probable symbols that are as hard to predict; NaN if no symbol was predicted. */
        public double perplexity() {
            return Math.exp(-logProbability / symbols);
        }
    }

    /** A scorer without a window, for a batch of texts. */
    public Scorer(Model model, Vocabulary vocabulary, int batch) {
        this(model, vocabulary, batch, 0);
    }

    /** A scorer for a batch of texts. Each symbol is predicted from the {@code window} symbols before it; 0 for all. */
    public Scorer(Model model, Vocabulary vocabulary, int batch, int window) {
        this.model = model;
        this.vocabulary = vocabulary;
        this.batch = batch;
        try (Lease _ = model.device().lease()) {
            stepper = new Stepper(model, batch, window);
        }
    }

    /** Scores at most a batch of texts, given their characters' ids. Fails if the model gives NaN or an infinity. */
    public List<Score> score(List<int[]> texts) {
        return score(texts, null, new int[0]);
    }

    /**
     * Scores at most a batch of texts, each with a row of features (null for a model without features). Throws
     * {@link IllegalArgumentException} if the model takes another number of features. Fails if it gives NaN or an
     * infinity.
     */
    public List<Score> score(List<int[]> texts, @Nullable Features about, int[] rows) {
        if ((about == null ? 0 : about.columns()) != model.config().features()) {
            throw new IllegalArgumentException("another number of features than the model's "
                    + model.config().features());
        }
        Refuse.argumentIf(texts.size() > batch, texts.size() + " texts; there can be " + batch);
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

    /** The symbol of a text at a position: before the text the start symbol; after it the end symbol, if any, or 0. */
    private int symbol(int[] text, int at) {
        return at < 0 ? vocabulary.start() : at < text.length ? text[at] : vocabulary.hasMarkers() ? vocabulary.end()
                : 0;
    }

    @Override
    public void close() {
        stepper.close();
    }
}
