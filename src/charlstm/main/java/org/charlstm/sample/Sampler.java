package org.charlstm.sample;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.device.Device.Lease;
import org.charlstm.nn.Model;
import org.charlstm.sample.step.FirstSymbol;
import org.charlstm.sample.step.GrowingText;
import org.charlstm.sample.step.Stepper;
import org.charlstm.sample.step.StopText;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;

/**
 * Writes new sentences, symbol by symbol, from a state of zeros and the start symbol. Without a start symbol, a
 * sentence continues its given beginning, or a first symbol that is drawn by {@link Vocabulary#counts} at any
 * temperature. Sentences are computed in batches; the number of sentences does not change any of them. One thread at a
 * time may sample on a device; a second gets an {@link IllegalStateException}.
 */
public final class Sampler {
    /** The most sentences in a batch. */
    private static final int MAX_BATCH = 64;
    /** The most sentences in a batch if the host does not read each symbol before the next is drawn. */
    private static final int MAX_BATCH_AHEAD = 4096;

    private final Model model;
    private final Vocabulary vocabulary;
    private final SamplingOptions options;
    private final Beginnings beginnings;
    /** The symbols of each beginning. */
    private final List<int[]> given;
    private final @Nullable FirstSymbol firstSymbol;
    private final @Nullable StopText stop;
    private boolean ahead;

    /** Receives the sentences, numbered from 0, as they grow. */
    public interface Sink {
        /** Receives a further symbol of a sentence; the end symbol only if sampling goes past it. */
        void symbol(int sentence, int symbol);

        /** Called when a sentence is complete. */
        void end(int sentence);

        /** Whether to go on. False stops sampling, without {@link #end} for open sentences. */
        default boolean listening() {
            return true;
        }
    }

    /**
     * A sampler whose sentences all begin with {@link SamplingOptions#prime}.
     *
     * @throws IllegalArgumentException if vocabulary and model have different numbers of symbols
     * @throws CharlstmException if the beginning or the text to stop at has a character that the vocabulary lacks, if
     *                           the beginning is too long, or if it is empty and the vocabulary has neither start
     *                           symbol nor counts
     */
    public Sampler(Model model, Vocabulary vocabulary, SamplingOptions options) {
        this(model, vocabulary, options, Beginnings.all(options.prime()));
    }

    /**
     * A sampler with other beginnings than the options' beginning. The beginnings limit the number of sentences. Throws
     * {@link IllegalArgumentException} if vocabulary and model differ in symbols, if beginnings and model differ in
     * features, or if the state is kept although sentences have features. Fails as the other constructor does.
     */
    public Sampler(Model model, Vocabulary vocabulary, SamplingOptions options, Beginnings beginnings) {
        Refuse.argumentIf(vocabulary.size() != model.config().symbols(),
                "a vocabulary of " + vocabulary.size() + " symbols for a model of " + model.config().symbols());
        requireFeatures(model, beginnings);
        Refuse.argumentIf(beginnings.features() > 0 && options.keepState(),
                "a state is kept, but each sentence begins from features");
        this.model = model;
        this.beginnings = beginnings;
        this.vocabulary = vocabulary;
        this.options = options;
        given = beginnings.encode(vocabulary, options.maxLength());
        firstSymbol = FirstSymbol.of(vocabulary);
        stop = StopText.of(options.stop(), vocabulary);
    }

    static void requireFeatures(Model model, Beginnings beginnings) {
        Refuse.argumentIf(beginnings.features() != model.config().features(),
                "beginnings with " + beginnings.features() + " features for a model of " + model.config().features());
    }

    /** Writes at least one sentence and returns them. */
    public List<String> sentences(int count) {
        return sentences(count, () -> true).orElseThrow();
    }

    /** Writes at least one sentence; empty if {@code goOn}, asked now and then and at the end, returns false. */
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
     * Writes at least one sentence and passes each symbol to the sink. Fails if the model gives NaN. Throws
     * {@link IllegalStateException} if the model or its device is closed, or in use by another thread.
     */
    public void sample(int count, Sink sink) {
        Refuse.argumentIf(count < 1, count + " sentences; there must be at least 1");
        Refuse.argumentIf((long) given.size() * beginnings.each() < count,
                count + " sentences, of " + given.size() + " beginnings " + beginnings.each() + " each");
        try (Lease _ = model.device().lease()) {
            write(count, sink);
        }
    }

    private void write(int count, Sink sink) {
        // A kept state must be the state at the sentence's end, before further symbols are fed.
        ahead = model.device().runsBehind() && !options.keepState() && options.window() == 0;
        int batch = options.keepState() ? 1 : Math.min(count, ahead ? MAX_BATCH_AHEAD : MAX_BATCH);
        Stepper stepper = new Stepper(model, batch, options.window());
        try {
            for (int first = 0; first < count && sink.listening(); first += batch) {
                if (count - first < batch) {
                    stepper.close();
                    batch = count - first;
                    stepper = new Stepper(model, batch, options.window());
                }
                if (first == 0 || !options.keepState()) {
                    stepper.begin(beginnings.about(),
                            IntStream.range(first, first + batch).map(sentence -> sentence / beginnings.each()));
                }
                write(stepper, new Batch(first, batch, sink));
            }
        } finally {
            stepper.close();
        }
    }

    private void write(Stepper stepper, Batch batch) {
        // The model cannot predict the first symbol without a start symbol.
        boolean drawsFirst = firstSymbol != null && batch.given() == 0;
        int from = drawsFirst ? 1 : batch.given();
        stepper.number(batch.first, from);
        if (vocabulary.hasMarkers()) {
            stepper.feed(vocabulary.start());
        }
        int[] symbols = new int[batch.texts.length];
        if (firstSymbol != null && drawsFirst) {
            Arrays.setAll(symbols, i -> firstSymbol.draw(options.seed(), batch.first + i));
        }
        for (int at = 0; at < from; at++) {
            batch.take(symbols, 0);
            stepper.feed(symbols);
        }
        // While beginnings of the batch differ in length, given symbols replace drawn ones, so the host reads each
        // symbol.
        int together = ahead ? Math.max(from, batch.longestGiven()) : options.maxLength();
        for (int at = from; at < together && batch.goesOn(); at++) {
            int[] drawn = stepper.draw(options.draw(), options.seed());
            batch.take(drawn, 0);
            if (batch.goesOn() || options.keepState()) {
                stepper.feed(drawn);
            }
        }
        for (int at = together; at < options.maxLength() && batch.goesOn();) {
            int steps = Math.min(Stepper.AHEAD, options.maxLength() - at);
            int[] drawn = stepper.drawAhead(options.draw(), options.seed(), steps);
            for (int i = 0; i < steps; i++) {
                batch.take(drawn, i * symbols.length);
            }
            at += steps;
        }
    }

    /** A batch of sentences that are written together. */
    private final class Batch {
        /** The number of the first sentence. */
        private final int first;
        private final Sink sink;
        private final GrowingText[] texts;
        private int open;

        Batch(int first, int size, Sink sink) {
            this.first = first;
            this.sink = sink;
            open = size;
            texts = new GrowingText[size];
            for (int i = 0; i < size; i++) {
                int sentence = first + i;
                texts[i] = new GrowingText(given(i), options.maxLength(), options.pastEnd(), vocabulary, stop,
                        (_, symbol, _) -> {
                            if (options.pastEnd() || !vocabulary.isOver(symbol)) {
                                sink.symbol(sentence, symbol);
                            }
                        });
            }
        }

        private int[] given(int i) {
            return given.get((first + i) / beginnings.each());
        }

        /** The length of the shortest given beginning. */
        int given() {
            return IntStream.range(0, texts.length).map(i -> given(i).length).min().orElseThrow();
        }

        int longestGiven() {
            return IntStream.range(0, texts.length).map(i -> given(i).length).max().orElseThrow();
        }

        /** Whether a sentence is open and the sink listens. */
        boolean goesOn() {
            return open > 0 && sink.listening();
        }

        /**
         * Takes the symbols from an index on, and replaces each by the symbol to feed: a given one, or 0 after an end.
         */
        void take(int[] symbols, int from) {
            for (int i = 0; i < texts.length; i++) {
                if (texts[i].ending() != null) {
                    symbols[from + i] = 0;
                } else {
                    symbols[from + i] = texts[i].take(symbols[from + i], null);
                    if (texts[i].ending() != null) {
                        open--;
                        sink.end(first + i);
                    }
                }
            }
        }
    }
}
