package org.charlstm.sample;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.charlstm.CharlstmException;
import org.charlstm.device.Lease;
import org.charlstm.nn.Model;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Writes new sentences, symbol by symbol, from a state of zeros and the start symbol. Where there is none a sentence
 * goes on from its given beginning, or from a first symbol drawn by {@link Vocabulary#counts} alone, whatever the
 * temperature. Sentences are computed side by side; each is the same whatever the number asked for. One
 * thread at a time samples on a device; a second is refused with an {@link IllegalStateException}.
 */
public final class Sampler {
    /** Sentences side by side at most, so that memory does not grow with their number. */
    private static final int MAX_BATCH = 64;
    /** The same on a device that waits for nothing between two symbols. */
    private static final int MAX_BATCH_AHEAD = 4096;

    private final Model model;
    private final Vocabulary vocabulary;
    private final SamplingOptions options;
    private final Beginnings given;
    private final List<int[]> beginnings;
    private final int each;
    private final @Nullable FirstSymbol firstSymbol;
    private final @Nullable StopText stop;
    private boolean ahead;

    /** Receives the sentences as they grow. */
    public interface Sink {
        /**
         * One more symbol of a sentence.
         *
         * @param sentence from 0
         * @param symbol   its id; the end symbol only if sampling goes past it
         */
        void symbol(int sentence, int symbol);

        /**
         * A sentence is whole.
         *
         * @param sentence from 0
         */
        void end(int sentence);

        /**
         * Whether anybody still listens.
         *
         * @return false to stop
         */
        default boolean listening() {
            return true;
        }
    }

    /**
     * A sampler whose sentences all begin alike.
     *
     * @throws IllegalArgumentException if the vocabulary has not as many symbols as the model
     * @throws CharlstmException if the beginning, or the text to stop at, has a character that the vocabulary lacks, or
     *                           if the beginning is too long, or empty where there is no start symbol and no counts
     */
    public Sampler(Model model, Vocabulary vocabulary, SamplingOptions options) {
        this(model, vocabulary, options, Beginnings.all(options.prime()));
    }

    /**
     * A sampler.
     *
     * @param options    how to sample; the beginning in it is not read
     * @param beginnings how the sentences begin; so many can be asked for as that makes
     * @throws IllegalArgumentException if the vocabulary has not as many symbols as the model, or the beginnings not as
     *                                  many features; or if the state is kept of what begins from features
     * @throws CharlstmException as for sentences that all begin alike
     */
    public Sampler(Model model, Vocabulary vocabulary, SamplingOptions options, Beginnings beginnings) {
        if (vocabulary.size() != model.config().symbols()) {
            throw new IllegalArgumentException("a vocabulary of " + vocabulary.size() + " symbols for a model of "
                    + model.config().symbols());
        }
        requireFeatures(model, beginnings);
        if (beginnings.features() > 0 && options.keepState()) {
            throw new IllegalArgumentException("a state is kept, but each sentence begins from features");
        }
        this.model = model;
        given = beginnings;
        this.vocabulary = vocabulary;
        this.options = options;
        this.beginnings = beginnings.encode(vocabulary, options.maxLength());
        each = beginnings.each();
        firstSymbol = FirstSymbol.of(vocabulary);
        stop = StopText.of(options.stop(), vocabulary);
    }

    /** Refuses other numbers of features than a model takes. */
    static void requireFeatures(Model model, Beginnings beginnings) {
        if (beginnings.features() != model.config().features()) {
            throw new IllegalArgumentException("beginnings with " + beginnings.features() + " features for a model of "
                    + model.config().features());
        }
    }

    /**
     * Writes sentences and returns them.
     *
     * @param count how many, at least 1
     */
    public List<String> sentences(int count) {
        return sentences(count, () -> true).orElseThrow();
    }

    /**
     * Writes sentences and returns them, unless it is told to end.
     *
     * @param count how many, at least 1
     * @param goOn  asked now and then, always after the last symbol
     * @return the sentences; empty if it was told to end
     */
    public Optional<List<String>> sentences(int count, BooleanSupplier goOn) {
        List<StringBuilder> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(new StringBuilder());
        }
        sample(count, new Sink() {
            @Override
            public void symbol(int sentence, int symbol) {
                texts.get(sentence).append(vocabulary.written(symbol));
            }

            @Override
            public void end(int sentence) {
                // The text is complete.
            }

            @Override
            public boolean listening() {
                return goOn.getAsBoolean();
            }
        });
        return goOn.getAsBoolean() ? Optional.of(texts.stream().map(StringBuilder::toString).toList())
                : Optional.empty();
    }

    /**
     * Writes sentences as they grow.
     *
     * @param count how many, at least 1
     * @throws CharlstmException     if the model gives NaN
     * @throws IllegalStateException if the model or its device is closed, or in use by another thread
     */
    public void sample(int count, Sink sink) {
        if (count < 1) {
            throw new IllegalArgumentException(count + " sentences; there must be at least 1");
        }
        if ((long) beginnings.size() * each < count) {
            throw new IllegalArgumentException(count + " sentences, of " + beginnings.size() + " beginnings " + each
                    + " each");
        }
        try (Lease _ = model.device().lease()) {
            write(count, sink);
        }
    }

    private void write(int count, Sink sink) {
        // The state to keep is the one at a sentence's end, which has to be seen before it is left behind.
        ahead = model.device().runsBehind() && !options.keepState() && options.window() == 0;
        int batch = options.keepState() ? 1 : Math.min(count, ahead ? MAX_BATCH_AHEAD : MAX_BATCH);
        Stepper stepper = Stepper.of(model, batch, options.window());
        try {
            for (int first = 0; first < count && sink.listening(); first += batch) {
                if (count - first < batch) {
                    stepper.close();
                    batch = count - first;
                    stepper = Stepper.of(model, batch, options.window());
                } else if (first > 0 && !options.keepState()) {
                    stepper.reset();
                }
                sampleBatch(stepper, first, batch, sink);
            }
        } finally {
            stepper.close();
        }
    }

    private void sampleBatch(Stepper stepper, int first, int batch, Sink sink) {
        int[][] prefixes = new int[batch][];
        for (int i = 0; i < batch; i++) {
            prefixes[i] = beginnings.get((first + i) / each);
        }
        if (given.features() > 0) {
            stepper.begin(given.about(IntStream.range(first, first + batch).map(sentence -> sentence / each)));
        }
        OpenSentences sentences = new OpenSentences(vocabulary, options.pastEnd(), stop, first, prefixes, sink);
        // Where nothing goes before the first symbol of a sentence, it is none that the model draws.
        boolean before = firstSymbol == null || sentences.given() > 0;
        int from = before ? sentences.given() : 1;
        stepper.number(first, from);
        if (vocabulary.hasMarkers()) {
            stepper.feed(vocabulary.start());
        }
        int[] symbols = new int[batch];
        for (int at = 0; at < sentences.given(); at++) {
            sentences.take(at, symbols, 0);
            stepper.feed(symbols);
        }
        if (firstSymbol != null && !before) {
            Arrays.setAll(symbols, i -> firstSymbol.draw(options.seed(), first + i));
            sentences.take(0, symbols, 0);
            stepper.feed(symbols);
        }
        // A beginning that is longer than others goes on beside what is drawn for those.
        int together = ahead ? Math.max(from, sentences.drawn()) : options.maxLength();
        drawOneByOne(stepper, from, together, sentences);
        if (ahead) {
            drawAhead((StatefulStepper) stepper, together, batch, sentences);
        }
        sentences.end();
    }

    private void drawOneByOne(Stepper stepper, int from, int to, OpenSentences sentences) {
        for (int at = from; at < to && sentences.goOn(); at++) {
            int[] drawn = stepper.draw(options.draw(), options.seed());
            sentences.take(at, drawn, 0);
            if (sentences.goOn() || options.keepState()) {
                stepper.feed(drawn);
            }
        }
    }

    private void drawAhead(StatefulStepper stepper, int from, int batch, OpenSentences sentences) {
        int at = from;
        while (at < options.maxLength() && sentences.goOn()) {
            int steps = Math.min(StatefulStepper.AHEAD, options.maxLength() - at);
            int[] drawn = stepper.drawAhead(options.draw(), options.seed(), steps);
            for (int i = 0; i < steps; i++) {
                sentences.take(at + i, drawn, i * batch);
            }
            at += steps;
        }
    }
}
